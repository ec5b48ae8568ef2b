import type { Command } from 'commander';
import { asThrower } from '../verb.ts';
import { addAuthIssue } from './auth/issue.ts';
import { addAuthList } from './auth/list.ts';
import { addAuthRenewHome } from './auth/renewHome.ts';
import { addAuthRevoke } from './auth/revoke.ts';
import { addAuthRotate } from './auth/rotate.ts';
import { addAuthValidate } from './auth/validate.ts';

export function addAuth(program: Command): void {
  const auth = asThrower(
    program.command('auth').summary('make, list and revoke tokens that may do less than all'),
  );
  auth.description('Tokens for programs that call the server, each with the permissions it needs.');
  addAuthIssue(auth);
  addAuthList(auth);
  addAuthRevoke(auth);
  addAuthRotate(auth);
  addAuthRenewHome(auth);
  addAuthValidate(auth);
}
