// Evolve: nine variants of a recipe as small dreams. Those that are picked breed the next nine.

import { dream } from "./api.js";
import { smaller } from "./photo.js";
import { child, isGuided, recipe } from "./recipe.js";
import { text } from "./strings.js";

const element = (id) => document.getElementById(id);
const count = 9;
const side = 224;
// How many dreams the page asks for at once.
const atOnce = 2;

export class Evolve {
  /// - onError: called with what went wrong.
  constructor(controls, onError) {
    this.controls = controls;
    this.onError = onError;
    this.dialog = element("evolve");
    element("breed").addEventListener("click", () => this.breed());
    element("use-variant").addEventListener("click", () => {
      const { fields } = this.picked[0];
      this.dialog.close();
      recipe.replace({ ...fields, size: recipe.fields.size });
    });
    this.dialog.addEventListener("close", () => this.stop());
  }

  async open(photo) {
    this.photo = { blob: await smaller(photo.bitmap, 2 * side), name: "photo.jpg" };
    element("variants").style.setProperty("--ratio", photo.width / photo.height);
    this.generation = 0;
    this.variants = [];
    this.parents = [recipe.fields];
    this.dialog.showModal();
    this.breed();
  }

  get picked() { return this.variants.filter((variant) => variant.button.ariaPressed === "true"); }

  stop() {
    this.controller?.abort();
    for (const { url } of this.variants ?? []) if (url) URL.revokeObjectURL(url);
    this.variants = [];
  }

  async breed() {
    const kept = this.picked.map((variant) => variant.fields);
    if (kept.length) this.parents = kept;
    this.stop();
    this.generation += 1;
    element("generation").textContent = text("generation", { number: this.generation });
    element("use-variant").disabled = true;
    const range = (name) => this.controls.range(name);
    this.variants = Array.from({ length: count }, (_, index) => {
      const isKept = index < this.parents.length && this.generation > 1;
      const fields = isKept ? this.parents[index] : child(this.parents, this.controls.motifNames, range);
      const button = document.createElement("button");
      button.type = "button";
      button.ariaPressed = "false";
      button.ariaBusy = "true";
      button.ariaLabel = text("variant", { number: index + 1 });
      button.disabled = true;
      button.addEventListener("click", () => {
        button.ariaPressed = button.ariaPressed !== "true";
        element("use-variant").disabled = this.picked.length !== 1;
      });
      return { fields, button };
    });
    element("variants").replaceChildren(...this.variants.map((variant) => variant.button));
    const controller = new AbortController();
    this.controller = controller;
    const waiting = [...this.variants];
    const work = async () => {
      for (let variant = waiting.shift(); variant; variant = waiting.shift()) await this.show(variant, controller);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  async show(variant, { signal }) {
    if (signal.aborted) return;
    const guide = isGuided(variant.fields) ? this.controls.guide : null;
    try {
      const { blob } = await dream({ image: this.photo, guide }, { ...variant.fields, size: `max:${side}` }, { signal });
      if (signal.aborted) return;
      variant.url = URL.createObjectURL(blob);
      const picture = Object.assign(new Image(), { src: variant.url, alt: this.controls.describe(variant.fields) });
      variant.button.replaceChildren(picture);
      variant.button.title = this.controls.describe(variant.fields);
      variant.button.disabled = false;
    } catch (error) {
      if (error.name === "AbortError") return;
      this.controller.abort();
      this.dialog.close();
      this.onError(error);
    } finally {
      variant.button.ariaBusy = "false";
    }
  }
}
