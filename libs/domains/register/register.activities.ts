import { DomainError } from '@holdfast/kernel';
import { cancellationOfActivity, Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import { changeDocument } from '@holdfast/workflows/register/change-document/contract';
import { nextVersion, type Change } from './core/document';
import { RegisterStore } from './register.store';

/** The step of a document's change that touches the world. */
@Implements(changeDocument)
export class RegisterActivities implements ActivitiesOf<typeof changeDocument> {
  constructor(private readonly store: RegisterStore) {}

  async commit({ kind, id, proposal, expected }: Change): Promise<number> {
    const [current, proposed, made] = await Promise.all([
      this.store.current(kind, id),
      this.store.proposal(proposal),
      this.store.versionOf(kind, id, proposal),
    ]);
    if (!proposed) throw new DomainError('not_found', 'proposal_not_found', 'the proposed body is not in the register');
    // An execution that outlived its time may come after its repeat, and after other changes: its version is not the newest then.
    if (made !== undefined) return made;
    if (current?.body === proposed.body) return current.version;
    const version = nextVersion(current?.version ?? 0, expected);
    await this.store.append(kind, id, version, proposal, proposed, cancellationOfActivity());
    return version;
  }
}
