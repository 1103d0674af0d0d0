// The controls: in a beginner's words, and every field for experts.

import { isGuided, recipe } from "./recipe.js";
import { text } from "./strings.js";

const element = (id) => document.getElementById(id);

// In the order of the strip tiles.jpg (Scripts/make_studio_tiles.py).
const motifs = ["recommended", "puppies", "creature", "birds", "eyes", "flowers", "architecture", "strokes", "woodcut"];
const intensities = {
  subtle: { steps: 8, step_size: 0.012 },
  medium: { steps: 14, step_size: 0.016 },
  strong: { steps: null, step_size: null },
  wild: { steps: 40, step_size: 0.022 },
};
const tileCount = motifs.length + Object.keys(intensities).length;
// The network that the motifs are made for.
const motifNetwork = "efficientnet_lite0";
const sizes = [512, 768, 1024, 1600];
const longestList = 60;

export class Controls {
  /// - models: the answer of GET /models.
  constructor(models) {
    this.models = models.models;
    this.fields = models.fields ?? [];
    this.standard = this.models.find((model) => model.default) ?? this.models[0];
    this.hasMotifs = this.models.some((model) => model.network === motifNetwork);
    this.classes = this.namedChannels();
    this.build();
    recipe.listeners.push(() => this.show());
    this.show();
  }

  /// The names of presets that this service can dream.
  get motifNames() { return this.hasMotifs ? motifs : motifs.slice(0, 1); }

  /// What is allowed of a field's numbers; undefined if the service does not say.
  range(name) {
    const field = this.fields.find((field) => field.name === name);
    return field && { minimum: field.minimum ?? field.exclusiveMinimum, maximum: field.maximum };
  }

  /// What the recipe dreams of, in words.
  describe(fields) {
    if (isGuided(fields)) return text("guided", { name: this.guide?.name ?? "guide" });
    const names = [...(fields.layers ?? "").matchAll(/\[([^\]]*[a-z][^\]]*)\]/gi)].map((match) => match[1]);
    if (names.length) return names.join(", ");
    if (fields.layers) return fields.layers;
    const preset = fields.preset ?? "recommended";
    return motifs.includes(preset) ? text(`motifs.${preset}`) : preset;
  }

  /// Everything that a name can ask for: classes and motifs, in the model that is likeliest to know them best.
  namedChannels() {
    const found = new Map();
    for (const model of [this.standard, ...this.models.filter((model) => model !== this.standard)]) {
      for (const layer of model.layers) {
        for (const [name, channels] of Object.entries(layer.names ?? {})) {
          if (!found.has(name)) found.set(name, { name, model, layer: layer.name, channel: channels[0] });
        }
      }
    }
    return [...found.values()];
  }

  classFields({ name, model, layer, channel }) {
    const asked = /^[\w '.-]+$/.test(name) ? name : channel;
    const isClassifier = model.network === motifNetwork && layer === "logits";
    return {
      preset: null,
      model: model === this.standard ? null : model.name,
      layers: isClassifier ? `e11,d11,logits[${asked}]:0.02` : `${layer}[${asked}]`,
      octaves: isClassifier ? 4 : null,
      octave_scale: isClassifier ? 1.5 : null,
    };
  }

  /// Dreams of what another picture shows.
  ///
  /// - guide: its file, `{blob, name}`.
  useGuide(guide) {
    this.guide = guide;
    const { layers, network } = this.standard;
    // A layer that sees parts of things: eyes, not only fur, and not only whole animals.
    const layer = network === motifNetwork ? "b10" : layers[Math.floor(layers.length * 0.6)].name;
    const fields = { ...recipe.fields, layers: `${layer}:guide` };
    for (const name of ["preset", "model", "octaves", "octave_scale"]) delete fields[name];
    // Also if the recipe is the same: the picture is another one.
    recipe.replace(fields, true);
  }

  build() {
    const tiles = (list, names, offset, choose) => list.replaceChildren(...names.map((name, index) => {
      const tile = document.createElement("button");
      const picture = document.createElement("i");
      Object.assign(tile, { type: "button", className: "tile" });
      tile.dataset.name = name;
      tile.setAttribute("role", "radio");
      picture.style.backgroundPositionX = `${((offset + index) / (tileCount - 1)) * 100}%`;
      tile.append(picture, document.createElement("span"));
      tile.addEventListener("click", () => choose(name));
      tile.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const next = list.children[(index + step + names.length) % names.length];
        next.focus();
        next.click();
      });
      return tile;
    }));
    tiles(element("motifs"), this.motifNames, 0, (name) => recipe.change({
      preset: name === "recommended" ? null : name, layers: null, model: null, octaves: null, octave_scale: null,
    }));
    tiles(element("intensities"), Object.keys(intensities), motifs.length, (name) => recipe.change(intensities[name]));
    element("octaves").addEventListener("change", (event) => recipe.change({ octaves: event.target.value }));
    element("keep-colors").addEventListener("change", (event) => {
      recipe.change({ preserve_color: event.target.checked ? "true" : null });
    });
    element("size").replaceChildren(...sizes.map((side) => new Option("", `max:${side}`)));
    element("size").addEventListener("change", (event) => recipe.change({ size: event.target.value }));
    element("dice").addEventListener("click", () => recipe.change({ seed: Math.floor(Math.random() * 1e6) }));
    element("reset").addEventListener("click", () => recipe.replace({ size: recipe.fields.size }));
    element("chosen-class").querySelector("button").addEventListener("click", () => {
      recipe.change({ layers: null, model: null, octaves: null, octave_scale: null });
    });
    this.buildSearch();
    this.buildFields();
  }

  buildSearch() {
    const [input, list] = [element("search"), element("found")];
    let active = -1;
    const mark = (index) => {
      active = index;
      [...list.children].forEach((item, place) => item.setAttribute("aria-selected", place === active));
      list.children[active]?.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", list.children[active]?.id ?? "");
    };
    const open = (isOpen) => {
      list.hidden = !isOpen;
      input.setAttribute("aria-expanded", isOpen);
    };
    const choose = (found) => {
      open(false);
      input.value = "";
      recipe.change(this.classFields(found));
    };
    const look = () => {
      const words = input.value.trim().toLowerCase();
      const begins = (name) => name.toLowerCase().startsWith(words);
      const found = this.classes.filter(({ name }) => name.toLowerCase().includes(words))
        .sort((a, b) => begins(b.name) - begins(a.name) || a.name.localeCompare(b.name)).slice(0, longestList);
      list.replaceChildren(...found.map((item, index) => {
        const line = document.createElement("li");
        line.id = `found-${index}`;
        line.setAttribute("role", "option");
        line.textContent = item.name;
        // Before the field loses the focus.
        line.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(item); });
        return line;
      }));
      if (!found.length) list.append(Object.assign(document.createElement("li"), { textContent: text("noneFound") }));
      this.found = found;
      open(true);
      mark(found.length && words ? 0 : -1);
    };
    input.addEventListener("input", look);
    input.addEventListener("focus", () => { if (input.value) look(); });
    input.addEventListener("blur", () => open(false));
    input.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        if (list.hidden) look(); else mark(Math.min(list.children.length - 1, Math.max(0, active + step)));
      } else if (event.key === "Enter" && !list.hidden && this.found[active]) {
        choose(this.found[active]);
      } else if (event.key === "Escape") {
        open(false);
      }
    });
    input.closest(".search").hidden = this.classes.length === 0;
  }

  /// A field for everything that the service says there is.
  buildFields() {
    const known = [...new URLSearchParams(this.standard.recipe)].map(([name, value]) => ({ name, default: value }));
    const model = {
      name: "model", summary: text("model"), enum: this.models.map((model) => model.name), default: this.standard.name,
    };
    const others = (this.fields.length ? this.fields : known).filter((field) => field.name !== "model");
    element("fields").replaceChildren(...[model, ...others].map((field) => {
      const row = document.createElement("div");
      const label = document.createElement("label");
      const words = document.createElement("small");
      const choices = field.type === "boolean" ? ["true", "false"] : field.enum;
      const usual = field.default ?? "";
      let input = document.createElement(choices ? "select" : "input");
      if (choices) {
        input.append(new Option(`(${usual})`, ""), ...choices.map((choice) => new Option(choice, choice)));
      } else {
        input.type = ["integer", "number"].includes(field.type) ? "number" : "text";
        input.placeholder = usual;
        if (input.type === "number") {
          const { minimum = field.exclusiveMinimum ?? "", maximum = "" } = field;
          Object.assign(input, { min: minimum, max: maximum, step: field.type === "integer" ? 1 : "any" });
        }
      }
      input.id = `field-${field.name}`;
      input.dataset.field = field.name;
      input.spellcheck = false;
      input.addEventListener("change", () => recipe.change({ [field.name]: input.value.trim() }));
      row.className = "field";
      label.htmlFor = input.id;
      label.textContent = field.unit ? `${field.name} (${field.unit})` : field.name;
      words.id = `${input.id}-words`;
      words.textContent = [field.summary, choices ? null : field.allowed].filter(Boolean).join(" · ");
      input.setAttribute("aria-describedby", words.id);
      row.append(label, input, words);
      return row;
    }));
  }

  /// Brings all controls in step with the recipe.
  show() {
    const { fields } = recipe;
    const isClass = "layers" in fields;
    const select = (list, name, label) => {
      for (const tile of list.children) {
        const isChosen = tile.dataset.name === name;
        tile.setAttribute("aria-checked", isChosen);
        tile.tabIndex = isChosen || (!name && tile === list.firstChild) ? 0 : -1;
        tile.lastChild.textContent = text(`${label}.${tile.dataset.name}`);
      }
    };
    const preset = fields.preset ?? "recommended";
    select(element("motifs"), !isClass && this.motifNames.includes(preset) ? preset : null, "motifs");
    const intensity = Object.entries(intensities).find(([, values]) => Object.entries(values)
      .every(([name, value]) => (fields[name] ?? null) === (value === null ? null : String(value))));
    select(element("intensities"), intensity?.[0], "intensities");
    element("chosen-class").hidden = !isClass;
    element("chosen-class").querySelector("span").textContent = this.describe(fields);
    const usual = new URLSearchParams(this.standard.recipe).get("octaves");
    element("octaves").value = fields.octaves ?? usual;
    element("keep-colors").checked = fields.preserve_color === "true";
    const size = element("size");
    for (const option of size.options) option.text = text("sizeOption", { side: option.value.replace("max:", "") });
    if (fields.size && ![...size.options].some((option) => option.value === fields.size)) {
      size.add(new Option(fields.size, fields.size));
    }
    size.value = fields.size ?? "max:512";
    for (const input of element("fields").querySelectorAll("[data-field]")) {
      input.value = fields[input.dataset.field] ?? "";
    }
  }
}
