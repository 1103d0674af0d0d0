// All calls of the service: its public interface (docs/api.md) and nothing else. Addresses are relative to the page,
// so that it works under any prefix.

/// What went wrong, with the service's problem document if it sent one.
export class ServiceError extends Error {
  /// - kind: the last part of the problem's type, or `unreachable`.
  constructor(kind, { status = 0, problem = {}, retryAfter = null } = {}) {
    super(problem.detail ?? kind);
    Object.assign(this, { kind, status, problem, retryAfter });
  }
}

async function call(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { cache: "no-store", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServiceError("unreachable");
  }
  if (answer.ok) return answer;
  let problem = {};
  try { problem = await answer.json(); } catch { /* A proxy's own page, for instance. */ }
  const kind = problem.type?.split(":").pop() ?? (answer.status >= 502 ? "unreachable" : "unknown");
  const retryAfter = Number(answer.headers.get("Retry-After")) || null;
  throw new ServiceError(kind, { status: answer.status, problem, retryAfter });
}

/// The networks, their layers and names, and the recipe's fields.
export const models = async () => (await call("models")).json();

/// Whether the service answers, and how many jobs wait.
export const readiness = async () => (await call("readyz")).json();

function form(files, recipe) {
  const form = new FormData();
  for (const [name, file] of Object.entries(files)) if (file) form.set(name, file.blob, file.name);
  for (const [name, value] of Object.entries(recipe)) form.set(name, value);
  return form;
}

let hasJobs = true;

/// Dreams.
///
/// - files: `{image: {blob, name}, mask: …}`.
/// - recipe: its fields as text.
/// - signal: cancels the dream on the service, too.
/// - onProgress: called with `{position, fraction, secondsLeft}`, `{preview}` (the address of a picture) or `{isLost}`;
///   without it the dream is asked for in one request.
/// - returns `{blob, recipe, name, seconds}`.
export async function dream(files, recipe, { signal, onProgress = null } = {}) {
  const body = form(files, recipe);
  const inOneRequest = async () => picture(await call("deepdream", { method: "POST", body, signal }));
  if (!onProgress || !hasJobs) return inOneRequest();
  let job;
  try {
    job = await (await call("jobs", { method: "POST", body, signal })).json();
  } catch (error) {
    // Older services have no jobs.
    if (error.status !== 404) throw error;
    hasJobs = false;
    return inOneRequest();
  }
  const end = await follow(job, signal, onProgress);
  if (end.state === "done") return picture(await call(end.links.result, { signal }));
  const problem = end.error ?? { detail: end.state };
  throw new ServiceError(problem.type?.split(":").pop() ?? end.state, { status: problem.status, problem });
}

/// Follows a job's events to its end. The browser connects again by itself if the connection breaks.
///
/// - returns the job's document.
function follow(job, signal, onProgress) {
  return new Promise((resolve, reject) => {
    const events = new EventSource(job.links.events);
    const stop = () => {
      events.close();
      signal?.removeEventListener("abort", abort);
    };
    const abort = () => {
      stop();
      fetch(job.links.job, { method: "DELETE", keepalive: true }).catch(() => {});
      reject(new DOMException("cancelled", "AbortError"));
    };
    if (signal?.aborted) { abort(); return; }
    signal?.addEventListener("abort", abort);
    events.addEventListener("open", () => onProgress({ isLost: false }));
    events.addEventListener("progress", ({ data }) => {
      const { queue_position: position, progress: fraction, seconds_left: secondsLeft } = JSON.parse(data);
      onProgress({ position, fraction, secondsLeft });
    });
    events.addEventListener("preview", ({ data }) => onProgress({ preview: JSON.parse(data).image }));
    for (const state of ["done", "failed", "cancelled"]) {
      events.addEventListener(state, ({ data }) => { stop(); resolve(JSON.parse(data)); });
    }
    events.addEventListener("error", async () => {
      if (events.readyState === EventSource.CONNECTING) { onProgress({ isLost: true }); return; }
      // The browser has given up: the job has ended, or the service does not know it any more.
      stop();
      try {
        const document = await (await call(job.links.job, { signal })).json();
        if (["waiting", "running"].includes(document.state)) throw new ServiceError("unreachable");
        resolve(document);
      } catch (error) {
        reject(error);
      }
    });
  });
}

async function picture(answer) {
  const header = (name) => answer.headers.get(name) ?? "";
  const seconds = [...header("Server-Timing").matchAll(/(\w+);dur=([\d.]+)/g)]
    .filter(([, stage]) => stage !== "queue")
    .reduce((sum, [, , milliseconds]) => sum + Number(milliseconds) / 1000, 0);
  let blob;
  try {
    blob = await answer.blob();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServiceError("unreachable");
  }
  return { blob, recipe: header("DeepDream-Recipe"), name: fileName(header("Content-Disposition")), seconds };
}

function fileName(disposition) {
  const encoded = disposition.match(/filename\*=UTF-8''([^;]+)/i);
  if (encoded) return decodeURIComponent(encoded[1]);
  return disposition.match(/filename="([^"]+)"/)?.[1] ?? "dream.jpg";
}
