/** What all dashboards together have seen, and in which phase. */
export interface Seen {
  answers: number;
  /** Answers for which Firestore documents were read. */
  from_firestore: number;
  /** Answers that only said that nothing had changed. */
  unchanged: number;
  /** Questions for somebody else's device. */
  refused: number;
  sign_ins: number;
  /** Acknowledged points that answers were held against, each as often as it was. */
  checked: number;
  readonly missed: string[];
  readonly foreign: string[];
  readonly faults: string[];
}

export function nothingSeen(): Seen {
  const counts = { answers: 0, from_firestore: 0, unchanged: 0, refused: 0, sign_ins: 0, checked: 0 };
  return { ...counts, missed: [], foreign: [], faults: [] };
}

/** What has been seen since `before`. */
export function seenSince(before: Seen, now: Seen): Seen {
  return {
    answers: now.answers - before.answers,
    from_firestore: now.from_firestore - before.from_firestore,
    unchanged: now.unchanged - before.unchanged,
    refused: now.refused - before.refused,
    sign_ins: now.sign_ins - before.sign_ins,
    checked: now.checked - before.checked,
    missed: now.missed.slice(before.missed.length),
    foreign: now.foreign.slice(before.foreign.length),
    faults: now.faults.slice(before.faults.length),
  };
}
