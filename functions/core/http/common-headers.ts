/** What every answer says, also one of a deployment that cannot start. */
export function commonHeaders(request_id: string, tenant_header: string): Record<string, string> {
  return {
    'cache-control': 'private, no-store',
    vary: `Cookie, ${tenant_header}`,
    'x-request-id': request_id,
    'x-content-type-options': 'nosniff',
    'strict-transport-security': 'max-age=31536000',
  };
}
