import { type BackupHeader, readBackup } from './backupFile.ts';

type Row = Record<string, unknown>;

/** What is taken out of backups: messages for which every part that is given holds. */
export type BackupSelection = {
  turn_id?: string | undefined;
  session_id?: string | undefined;
  /** Whether a project, as the backup has it, is the one that is meant. */
  project?: ((project: { project_id: string; key: string; name: string }) => boolean) | undefined;
  /** ISO 8601: messages from before. */
  before?: string | undefined;
};

/** What of a backup goes, as its first reading has found. */
export type Doomed = {
  messages: Set<string>;
  turns: Set<string>;
  sessions: Set<string>;
  projects: Set<string>;
  /** New titles of sessions that go on without some of their messages. */
  titles: Map<string, string>;
};

/** First reading: which messages go, and what that leaves empty. */
export async function survey(
  file: string,
  selection: BackupSelection,
  titleOf: (content: string) => string,
): Promise<{ header: BackupHeader; doomed: Doomed }> {
  let found: BackupHeader | undefined;
  const projects = new Set<string>();
  const projectOf = new Map<string, string>();
  const doomed: Doomed = {
    ...{ messages: new Set(), turns: new Set(), sessions: new Set(), projects: new Set() },
    titles: new Map(),
  };
  const touched = new Set<string>();
  const keptTurns = new Set<string>();
  /** The first message that stays, of each session. */
  const first = new Map<string, { position: number; title: string }>();
  for await (const { header, line } of readBackup(file)) {
    if (header) found = header;
    else if (line.table === 'projects') {
      const { project_id, key, name } = texts(line.row);
      if (selection.project?.({ project_id, key, name })) projects.add(project_id);
    } else if (line.table === 'conversation_sessions') {
      const { session_id, project_id } = texts(line.row);
      projectOf.set(session_id, project_id);
      if (selection.session_id === session_id) touched.add(session_id);
    } else if (line.table === 'conversation_messages') {
      const { message_id, turn_id, session_id, content } = texts(line.row);
      const inProject = projects.has(projectOf.get(session_id) ?? '');
      if (isSelected(line.row, selection, inProject)) {
        doomed.messages.add(message_id);
        doomed.turns.add(turn_id);
        touched.add(session_id);
        continue;
      }
      keptTurns.add(turn_id);
      const position = Number(line.row.position);
      const before = first.get(session_id);
      if (before && before.position < position) continue;
      first.set(session_id, { position, title: titleOf(content) });
    }
  }
  for (const turn of keptTurns) doomed.turns.delete(turn);
  for (const session of touched) {
    const kept = first.get(session);
    if (kept) doomed.titles.set(session, kept.title);
    else doomed.sessions.add(session);
  }
  const used = new Set<string>();
  for (const [session, project] of projectOf) if (!doomed.sessions.has(session)) used.add(project);
  for (const session of doomed.sessions) {
    const project = projectOf.get(session);
    if (project !== undefined && !used.has(project)) doomed.projects.add(project);
  }
  // `readBackup` gives a header first or throws.
  const { counts: _counts, ...header } = found as BackupHeader;
  return { header, doomed };
}

function isSelected(row: Row, selection: BackupSelection, inProject: boolean): boolean {
  const { turn_id, session_id, project, before } = selection;
  if (turn_id !== undefined && row.turn_id !== turn_id) return false;
  if (session_id !== undefined && row.session_id !== session_id) return false;
  if (project !== undefined && !inProject) return false;
  return before === undefined || Date.parse(String(row.created_at)) < Date.parse(before);
}

/** Columns of a row that are text. */
function texts(
  row: Row,
): Record<'project_id' | 'session_id' | 'message_id' | 'turn_id', string> &
  Record<'key' | 'name' | 'content', string> {
  const text = (column: string) => String(row[column] ?? '');
  return {
    project_id: text('project_id'),
    session_id: text('session_id'),
    message_id: text('message_id'),
    turn_id: text('turn_id'),
    key: text('key'),
    name: text('name'),
    content: text('content'),
  };
}
