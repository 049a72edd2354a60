export interface Repeated {
  /** Does the work once more, after what is under way, and then no more. */
  stop(): Promise<void>;
}

/** Does work that does not fail again and again, one at a time. Keeps no process from ending. */
export function every(pause_ms: number, work: () => Promise<void>): Repeated {
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(work);
  }, pause_ms).unref();
  return {
    stop: () => {
      clearInterval(timer);
      return running.then(work);
    },
  };
}
