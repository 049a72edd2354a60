import {
  createUser,
  ListQuery,
  listUsers,
  sessionRoute,
  updateUser,
  UserAnswer,
  UserBody,
  UserListAnswer,
  UserPatchBody,
  type Door,
} from '@bas/core';

const list = sessionRoute(
  'users.manage',
  {
    method: 'GET',
    path: '/v1/users',
    summary: 'The users of the tenant, by id',
    query: ListQuery,
    answer: { status: 200, description: 'A page of users', schema: UserListAnswer },
    problems: ['invalid_cursor'],
  },
  async (access, { query }, visit) => ({ status: 200, body: await listUsers(access, query, visit) }),
);

const create = sessionRoute(
  'users.manage',
  {
    method: 'POST',
    path: '/v1/users',
    summary: 'Create a user',
    body: UserBody,
    answer: { status: 201, description: 'The user', schema: UserAnswer },
    problems: ['already_exists', 'body_too_large', 'unsupported_media_type'],
  },
  async (access, { body }, visit) => ({ status: 201, body: await createUser(access, body, visit) }),
);

const update = sessionRoute(
  'users.manage',
  {
    method: 'PATCH',
    path: '/v1/users/{user_id}',
    summary: 'Change the role of a user, or disable or enable them; their sessions end',
    body: UserPatchBody,
    answer: { status: 200, description: 'The user as it is now', schema: UserAnswer },
    problems: ['not_found', 'precondition_failed', 'body_too_large', 'unsupported_media_type'],
  },
  async (access, { params, body }, visit) => ({
    status: 200,
    body: await updateUser(access, params['user_id'] ?? '', body, visit),
  }),
);

const users: Door = { name: 'users', routes: [list, create, update] };
export default users;
