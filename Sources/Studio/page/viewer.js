// The picture: photo and dream on top of each other with a divider between them, and the zoom.

const element = (id) => document.getElementById(id);
const largestZoom = 8;

export class Viewer {
  constructor() {
    for (const id of ["frame", "pictures", "before", "after", "divider", "compare"]) this[id] = element(id);
    this.zoom = 1;
    this.offset = { x: 0, y: 0 };
    this.pointers = new Map();
    this.compare.addEventListener("input", () => this.divide(this.compare.value / 100));
    this.frame.addEventListener("pointerdown", (event) => this.press(event));
    this.frame.addEventListener("pointermove", (event) => this.drag(event));
    for (const name of ["pointerup", "pointercancel"]) {
      this.frame.addEventListener(name, (event) => this.pointers.delete(event.pointerId));
    }
    this.frame.addEventListener("wheel", (event) => this.turnWheel(event), { passive: false });
    element("zoom-in").addEventListener("click", () => this.zoomTo(this.zoom * 1.5));
    element("zoom-out").addEventListener("click", () => this.zoomTo(this.zoom / 1.5));
    element("zoom-fit").addEventListener("click", () => this.zoomTo(1));
  }

  showPhoto(photo) {
    this.frame.style.setProperty("--ratio", photo.width / photo.height);
    this.before.src = photo.url;
    this.after.hidden = true;
    this.setComparing(false);
    this.zoomTo(1);
  }

  /// Shows a dream, or one of its steps.
  async showDream(url) {
    // The old one stays until the new one can be drawn: no flicker.
    const next = new Image();
    next.src = url;
    await next.decode().catch(() => {});
    this.after.src = url;
    const isFirst = this.after.hidden;
    this.after.hidden = false;
    this.setComparing(true);
    if (isFirst && !this.isPainting) this.divide(0.5);
  }

  setComparing(isComparing) {
    for (const id of ["divider", "compare", "tag-before", "tag-after"]) element(id).hidden = !isComparing;
  }

  /// Moves the divider to this part of the frame's width.
  divide(part) {
    this.part = Math.min(1, Math.max(0, part));
    this.compare.value = Math.round(this.part * 100);
    this.compare.setAttribute("aria-valuetext", `${this.compare.value} %`);
    this.draw();
  }

  draw() {
    const { width } = this.frame.getBoundingClientRect();
    const part = this.part ?? 0.5;
    this.divider.style.left = `${part * 100}%`;
    // The divider stands still while the pictures below it are zoomed.
    const cut = (part - this.offset.x / Math.max(1, width)) / this.zoom;
    this.after.style.clipPath = `inset(0 0 0 ${Math.max(0, cut) * 100}%)`;
    this.pictures.style.transform = `translate(${this.offset.x}px, ${this.offset.y}px) scale(${this.zoom})`;
    element("tag-before").style.opacity = part > 0.16 ? 1 : 0;
    element("tag-after").style.opacity = part < 0.84 ? 1 : 0;
    this.frame.classList.toggle("zoomed", this.zoom > 1);
  }

  /// Zooms, so that the point of the frame stays where it is.
  zoomTo(zoom, point = null) {
    const { width, height } = this.frame.getBoundingClientRect();
    const { x, y } = point ?? { x: width / 2, y: height / 2 };
    const next = Math.min(largestZoom, Math.max(1, zoom));
    const scale = next / this.zoom;
    this.offset = { x: x - (x - this.offset.x) * scale, y: y - (y - this.offset.y) * scale };
    this.zoom = next;
    this.keepInside();
  }

  keepInside() {
    const { width, height } = this.frame.getBoundingClientRect();
    this.offset.x = Math.min(0, Math.max(width * (1 - this.zoom), this.offset.x));
    this.offset.y = Math.min(0, Math.max(height * (1 - this.zoom), this.offset.y));
    this.draw();
  }

  place(event) {
    const box = this.frame.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top, width: box.width };
  }

  press(event) {
    if (this.isPainting || event.button > 0) return;
    this.frame.setPointerCapture(event.pointerId);
    const place = this.place(event);
    this.pointers.set(event.pointerId, place);
    // In a zoomed picture a press beside the divider moves the picture.
    this.isDividing = this.zoom === 1 || Math.abs(place.x / place.width - (this.part ?? 0.5)) * place.width < 28;
    if (this.zoom === 1 && !this.divider.hidden && event.pointerType === "mouse") this.divide(place.x / place.width);
  }

  drag(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return;
    const place = this.place(event);
    if (this.pointers.size === 2) {
      const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
      const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
      const middle = { x: (place.x + other.x) / 2, y: (place.y + other.y) / 2 };
      this.zoomTo((this.zoom * distance(place, other)) / Math.max(1, distance(last, other)), middle);
    } else if (this.isDividing) {
      if (!this.divider.hidden) this.divide(place.x / place.width);
    } else {
      this.offset.x += place.x - last.x;
      this.offset.y += place.y - last.y;
      this.keepInside();
    }
    this.pointers.set(event.pointerId, place);
  }

  turnWheel(event) {
    // Without a key the wheel scrolls the page, as everywhere.
    if (!event.ctrlKey && !event.metaKey && this.zoom === 1) return;
    event.preventDefault();
    this.zoomTo(this.zoom * 1.0016 ** -event.deltaY, this.place(event));
  }
}
