// The recipe: those fields that differ from what the network recommends, as text.

/// What is set, by the fields' names. `change` tells the listeners.
export const recipe = {
  fields: {},
  listeners: [],
  change(changes) {
    const fields = { ...this.fields };
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "") delete fields[name]; else fields[name] = String(value);
    }
    this.replace(fields);
  },
  /// - isNew: whether to dream although the fields are the same.
  replace(fields, isNew = false) {
    const differs = isNew || JSON.stringify(fields) !== JSON.stringify(this.fields);
    this.fields = fields;
    for (const listener of this.listeners) listener(differs);
  },
};

/// The recipe as the part of an address behind #, which browsers send to no server.
export const toFragment = (fields) => "#" + new URLSearchParams(fields);

export function fromFragment(fragment) {
  const names = /^[a-z_]{1,40}$/;
  return Object.fromEntries([...new URLSearchParams(fragment.slice(1))].filter(([name]) => names.test(name)));
}

/// Whether the recipe looks for what a guide shows, a second picture.
export const isGuided = (fields) => (fields.layers ?? "").includes(":guide");

/// The line for a terminal that dreams the same.
///
/// - photo, guide: the names of their files.
/// - needsKey: whether the line has a place for the service's key. The key itself is not shown: lines are passed on.
export function curlLine(fields, { photo = "photo.jpg", mask = false, guide = "guide.jpg", needsKey = false } = {}) {
  const quote = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
  const address = new URL("deepdream", document.baseURI).href.replace(/#.*/, "");
  const parts = [`curl --fail-with-body ${quote(address)}`, `-F ${quote(`image=@${photo}`)}`];
  if (needsKey) parts.push("-H 'Authorization: Bearer KEY'");
  if (isGuided(fields)) parts.push(`-F ${quote(`guide=@${guide}`)}`);
  if (mask) parts.push("-F mask=@mask.png");
  for (const [name, value] of Object.entries(fields)) parts.push(`-F ${quote(`${name}=${value}`)}`);
  return [...parts, `-o ${quote(photo.replace(/\.\w+$/, "") + "-dream.jpg")}`].join(" ");
}

/// A child of some recipes: each field from one of them, then a few small changes.
///
/// - range: gives a field's `{minimum, maximum}`, so that no child leaves it.
/// - random: a number from 0 to 1.
export function child(parents, motifs, range, random = Math.random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const base = { ...pick(parents) };
  for (const parent of parents) {
    for (const name of ["steps", "step_size", "octaves", "octave_scale", "color_decorrelation"]) {
      if (name in parent && random() < 0.5) base[name] = parent[name];
    }
  }
  const scaled = (name, usual, least, most, isWhole) => {
    const { minimum = least, maximum = most } = range(name) ?? {};
    const value = Number(base[name] ?? usual) * 2 ** (random() * 1.6 - 0.8);
    const bounded = Math.min(Math.max(value, minimum, least), maximum, most);
    base[name] = isWhole ? String(Math.round(bounded)) : bounded.toPrecision(3);
  };
  const mutations = [
    () => scaled("steps", 20, 4, 48, true),
    () => scaled("step_size", 0.02, 0.006, 0.05),
    () => { base.octaves = String(1 + Math.floor(random() * 6)); },
    () => { base.octave_scale = (1.25 + random() * 0.5).toFixed(2); },
    () => { base.color_decorrelation = random().toFixed(2); },
    () => { if (motifs.length) { Object.assign(base, { preset: pick(motifs) }); delete base.layers; } },
  ];
  const count = 1 + Math.floor(random() * 2);
  for (let index = 0; index < count; index += 1) pick(mutations)();
  base.seed = String(Math.floor(random() * 1e6));
  return base;
}
