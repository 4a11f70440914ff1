// Read where no kernel is: in the book and on slides.

const bytes = (text) => new DataView(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer);

// What a front end asks of the kernel's model, answered by what was saved. `only`: the controls that are wanted.
class Model {
  constructor({ state, buffers }, only) {
    this.state = structuredClone(state);
    this.listeners = {};
    for (const { path, data } of buffers) {
      const place = path.slice(0, -1).reduce((inner, key) => inner[key], this.state);
      place[path.at(-1)] = bytes(data);
    }
    this.alone = true;
    const filmed = this.state.film?.controls ?? {};
    const alive = [...(this.state.sweeping ?? []), ...Object.keys(filmed)]; // of these all positions are here
    const panel = this.state.panel ?? [];
    this.still = !only && panel.some((control) => !alive.includes(control.trait));
    this.state.panel = panel.filter(({ trait }) => alive.includes(trait) && (!only || only.includes(trait)))
      .map((control) => (control.positions && filmed[control.trait] ? { ...control, positions: filmed[control.trait].values } : control));
  }
  get(name) { return this.state[name]; }
  set(name, value) {
    if (typeof name === "object") for (const [key, one] of Object.entries(name)) this.set(key, one);
    else if (this.state[name] !== value) {
      this.state[name] = value;
      for (const listener of this.listeners[`change:${name}`] ?? []) listener();
    }
  }
  on(event, listener) { (this.listeners[event] ??= []).push(listener); }
  off() { this.listeners = {}; }
  send() {}
  save_changes() {}
}
