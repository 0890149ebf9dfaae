// Suggestions while somebody types: the search field becomes a combobox. Without this file it is a search field.
const field = document.getElementById("q");
const form = field?.closest("form");
const WAIT_MS = 110;
const SEARCH_ICON = '<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>';

function start() {
  const list = document.createElement("div");
  list.id = "suggestions";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  const told = document.createElement("span");
  told.className = "unseen";
  told.setAttribute("role", "status");
  form.append(list, told);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) {
    field.setAttribute(name, value);
  }

  const answers = new Map();
  let timer = 0;
  let asking = null;
  let options = [];
  let chosen = -1;

  function close() {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    choose(-1);
  }

  function choose(place) {
    options[chosen]?.setAttribute("aria-selected", "false");
    chosen = place;
    const option = options[place];
    if (!option) {
      field.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function option(address, inner) {
    const made = document.createElement("div");
    made.id = `suggestion-${options.length}`;
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", "false");
    made.dataset.address = address;
    made.append(...inner);
    options.push(made);
    return made;
  }

  function named(text, meta, typed) {
    const names = document.createElement("span");
    names.className = "names";
    const name = document.createElement("span");
    name.className = "name";
    const at = text.toLowerCase().indexOf(typed.toLowerCase());
    if (at < 0) name.textContent = text;
    else {
      const bold = document.createElement("b");
      bold.textContent = text.slice(at, at + typed.length);
      name.append(text.slice(0, at), bold, text.slice(at + typed.length));
    }
    names.append(name);
    if (meta) {
      const line = document.createElement("span");
      line.className = "meta";
      line.textContent = meta;
      names.append(line);
    }
    return names;
  }

  function show(answer, typed) {
    options = [];
    chosen = -1;
    const made = [];
    for (const text of answer.texts) {
      const icon = document.createElement("span");
      icon.innerHTML = `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${SEARCH_ICON}</svg>`;
      made.push(option(`${form.action}?q=${encodeURIComponent(text)}`, [icon.firstChild, named(text, "", typed)]));
    }
    for (const item of answer.items) {
      const picture = document.createElement("img");
      picture.src = item.art;
      picture.alt = "";
      made.push(option(item.path, [picture, named(item.title, item.meta, typed)]));
    }
    list.replaceChildren(...made);
    list.hidden = !made.length;
    field.setAttribute("aria-expanded", String(Boolean(made.length)));
    field.removeAttribute("aria-activedescendant");
    told.textContent = made.length ? `${made.length} suggestions, arrow keys to choose` : "";
  }

  async function ask() {
    const typed = field.value.trim();
    asking?.abort();
    if (typed.length < 2) {
      close();
      return;
    }
    if (!answers.has(typed)) {
      asking = new AbortController();
      try {
        const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(typed)}`, { signal: asking.signal });
        if (!answer.ok) return;
        answers.set(typed, await answer.json());
      } catch {
        return; // typed on, or no network: the field still searches
      }
    }
    if (field.value.trim() === typed && document.activeElement === field) show(answers.get(typed), typed);
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  field.addEventListener("keydown", (event) => {
    const open = !list.hidden && options.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!open) {
        ask();
        return;
      }
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      // One place more than there are options: beyond either end the text itself is chosen again.
      choose(((chosen + 1 + step + options.length + 1) % (options.length + 1)) - 1);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && open && chosen >= 0) {
      event.preventDefault();
      location.assign(options[chosen].dataset.address);
    }
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const picked = event.target.closest("[role=option]");
    if (picked) location.assign(picked.dataset.address);
  });
  field.addEventListener("blur", close);
}

if (form?.dataset.suggest) start();
