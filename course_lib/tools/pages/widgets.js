// Live figures without a kernel: each gets a model that holds its state, and its own front end draws it.

const { states, modules } = JSON.parse(document.getElementById("widgets").textContent);

function bytes(text) {
  const raw = atob(text), array = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) array[i] = raw.charCodeAt(i);
  return new DataView(array.buffer);
}

class Model {
  constructor({ state, buffers }) {
    this.state = state;
    this.listeners = {};
    for (const { path, data } of buffers) {
      const last = path.pop(), place = path.reduce((inner, key) => inner[key], state);
      place[last] = bytes(data);
    }
    this.alone = true;
    const filmed = state.film?.controls ?? {};
    const alive = [...(state.sweeping ?? []), ...Object.keys(filmed)]; // of these all positions are here
    this.still = (state.panel ?? []).some((control) => !alive.includes(control.trait));
    state.panel = (state.panel ?? []).filter((control) => alive.includes(control.trait))
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

const loaded = {};
const front = (key) => (loaded[key] ??= import(URL.createObjectURL(new Blob([modules[key]], { type: "text/javascript" }))));

for (const place of document.querySelectorAll(".widget")) {
  const known = states[place.dataset.model];
  if (!known) continue;
  const model = new Model(known);
  const { default: { render } } = await front(known.module);
  render({ model, el: place });
  if (model.still) place.insertAdjacentHTML("beforeend", '<p class="still">More of this figure can be moved in the notebook.</p>');
}
document.body.dataset.ready = "true";
