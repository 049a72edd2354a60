/** A function that loads nothing and answers at once: what the platform itself costs. */
export function probe(_request, response) {
  response.end();
}
