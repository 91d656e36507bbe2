// The page's own behaviour. Gradio runs the forms; this lights up sources, keeps edits, and finds a lost server again.
(() => {
  "use strict";
  const words = JSON.parse(document.currentScript.dataset.words);
  const root = new URL("../..", document.currentScript.src).pathname.replace(/\/$/, "");
  const language = document.documentElement.lang;
  const local = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* forbidden: chosen for this visit only */ } },
  };
  const session = {
    get: (key) => { try { return sessionStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { sessionStorage.setItem(key, value); } catch { /* full or forbidden */ } },
    drop: (key) => { try { sessionStorage.removeItem(key); } catch { /* as above */ } },
  };
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const cards = () => $("#mj-cards .mj-brief");

  // --- the job of this page, in its address so that a reload finds it -------------------------------------------
  const JOB = /^#job=([\w-]{10,80})$/;
  const job = () => JOB.exec(location.hash)?.[1] ?? session.get("mujaz-job") ?? "";
  const remember = (id) => {
    if (!id || id === JOB.exec(location.hash)?.[1]) return;
    session.set("mujaz-job", id);
    history.replaceState(null, "", `#job=${id}`);
  };
  const leave = () => {
    session.drop("mujaz-job");
    history.replaceState(null, "", location.pathname + location.search);
  };

  // --- lighting up ------------------------------------------------------------------------------------------------
  let lit = [];
  let held = null; // what a click or Enter chose stays lit until the next choice
  const dim = () => { for (const each of lit) each.classList.remove("lit"); lit = []; };
  const light = (holder, number) => {
    dim();
    const story = holder.closest(".mj-story");
    const numbers = number ? [number] : [...new Set(all("[data-c]", holder).map((each) => each.dataset.c))];
    lit.push(holder);
    for (const n of numbers) {
      lit.push(...all(`[data-c="${CSS.escape(n)}"]`, story));
      if (number) lit.push(...all(`.mj-cite[data-c="${CSS.escape(n)}"]`, story).map((each) => each.closest(".mj-holder")).filter(Boolean));
    }
    for (const each of lit) each.classList.add("lit");
    return numbers;
  };
  const reveal = (story, numbers, { chosen = null, focus = false } = {}) => { // `chosen`: what was, not only pointed at
    const panel = $(".mj-sources", story);
    const marks = numbers.map((n) => $(`.mj-text mark[data-c="${CSS.escape(n)}"][data-n]`, panel)).filter(Boolean);
    if (!marks.length) return;
    const reports = new Set(marks.map((mark) => mark.closest("details.mj-report")));
    for (const report of all("details.mj-report", panel)) report.open = reports.has(report);
    if (chosen) panel.classList.add("shown");
    const box = $(".mj-reports", panel);
    const top = marks[0].getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    box.scrollTo({ top: Math.max(0, top - box.clientHeight / 3), behavior: calm ? "auto" : "smooth" });
    if (focus) marks[0].focus({ preventScroll: true });
    if (chosen) uncover(chosen, panel, calm);
  };
  const uncover = (holder, panel, calm) => { // on a small screen the reports come up over what was chosen
    if (getComputedStyle(panel).position !== "fixed") return;
    const place = holder.getBoundingClientRect();
    const below = place.bottom + 12 - panel.getBoundingClientRect().top;
    if (below > 0) scrollBy({ top: Math.min(below, place.top - 12), behavior: calm ? "auto" : "smooth" });
  };
  const point = (event) => {
    const holder = event.target.closest?.(".mj-story .mj-holder");
    const mark = event.target.closest?.(".mj-text mark[data-c]");
    if (held && event.type === "pointerover") return;
    if (mark) {
      light(mark, mark.dataset.c);
      return;
    }
    if (!holder || holder.querySelector(".mj-editor")) return;
    const numbers = light(holder, event.target.closest("[data-c]")?.dataset.c);
    const wide = matchMedia("(min-width: 70rem)").matches;
    if (wide && event.type === "pointerover") queueReveal(holder, numbers);
    if (event.type === "focusin" && event.target.matches(".mj-say:focus-visible, .mj-cite:focus-visible") && wide) reveal(holder.closest(".mj-story"), numbers);
  };
  let waiting = 0;
  const queueReveal = (holder, numbers) => { // a pointer on its way across the page moves nothing
    clearTimeout(waiting);
    waiting = setTimeout(() => { if (holder.matches(":hover")) reveal(holder.closest(".mj-story"), numbers); }, 120);
  };
  const choose = (target, { focus = false } = {}) => {
    const holder = target.closest(".mj-holder");
    held = holder;
    reveal(holder.closest(".mj-story"), light(holder, target.closest("[data-c]")?.dataset.c), { chosen: holder, focus });
  };
  const release = (panel) => {
    held = null;
    dim();
    panel?.classList.remove("shown");
  };

  // --- edits: kept in this browser, sent along with each request ---------------------------------------------------
  const editsOf = (id) => JSON.parse(session.get(`mujaz-edits-${id}`) ?? "[]");
  const post = async (id, what, body) => {
    const answer = await fetch(`${root}/workbench/jobs/${encodeURIComponent(id)}/${what}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({}));
      throw new Error(problem.detail && typeof problem.detail === "string" ? problem.detail : answer.statusText);
    }
    return answer;
  };
  const from = (html) => {
    const holder = document.createElement("template");
    holder.innerHTML = html; // made and escaped by the server's own template
    return holder.content;
  };
  const redraw = async (id, stories, edits) => {
    const { cards: made, around } = await (await post(id, "stories", { stories, edits, language })).json();
    for (const [story, html] of Object.entries(made)) $(`#mj-cards article[data-story="${CSS.escape(story)}"]`)?.replaceWith(from(html));
    for (const [part, html] of Object.entries(around)) $(`#mj-cards [data-part="${part}"]`)?.replaceChildren(from(html));
  };
  // An edit without an index is a story's title.
  const isOf = (edit, story, index) => edit.story === story && (edit.index ?? null) === index;
  const keepEdit = async (story, index, change) => { // no change: the edit is undone
    const id = cards().dataset.job;
    const before = editsOf(id);
    const edits = before.filter((each) => !isOf(each, story, index));
    if (change) edits.push({ ...before.find((each) => isOf(each, story, index)), story, index, ...change });
    await redraw(id, [story], edits);
    session.set(`mujaz-edits-${id}`, JSON.stringify(edits));
  };
  const openEditor = (place) => {
    if ($(".mj-editor", place)) return;
    const form = document.createElement("form");
    form.className = "mj-editor";
    const title = !place.dataset.index;
    const field = (side, label) => {
      const box = document.createElement("textarea");
      box.value = $(`.mj-pairing > .${side}:not([data-none])`, place)?.textContent ?? "";
      box.rows = title ? 2 : 4;
      box.maxLength = 2000;
      box.lang = side;
      box.dir = side === "ar" ? "rtl" : "ltr";
      box.setAttribute("aria-label", label);
      form.append(box);
      return box;
    };
    const boxes = Object.fromEntries(["ar", "en"].map((side) => [side, field(side, words[`result.edit_${title ? "title_" : ""}${side}`])]));
    const before = { ar: boxes.ar.value, en: boxes.en.value };
    const actions = document.createElement("div");
    const button = (label, type) => {
      const made = document.createElement("button");
      made.type = type;
      made.className = "mj-button";
      made.textContent = label;
      actions.append(made);
      return made;
    };
    button(words["result.save"], "submit");
    const closing = button(words["result.cancel"], "button");
    const close = () => { form.remove(); place.classList.remove("editing"); $("[data-do=edit]", place)?.focus(); };
    closing.addEventListener("click", close);
    form.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const change = {};
      for (const side of ["ar", "en"]) if (boxes[side].value.trim() && boxes[side].value !== before[side]) change[side] = boxes[side].value.trim();
      if (!Object.keys(change).length) return close();
      await commit(place, change);
    });
    form.append(actions);
    $(".mj-pairing", place).after(form);
    place.classList.add("editing");
    boxes[language === "ar" ? "ar" : "en"].focus();
  };
  const commit = async (place, change) => {
    const story = place.closest(".mj-story").dataset.story;
    const anchor = place.id;
    try {
      await keepEdit(story, place.dataset.index ? Number(place.dataset.index) : null, change);
      const after = document.getElementById(anchor);
      ($(".mj-say", after) ?? $("[data-do=edit]", after))?.focus();
    } catch (error) {
      say(`${words["result.edit_failed"]}: ${error.message}`);
    }
  };

  // --- taking a brief away --------------------------------------------------------------------------------------------
  const take = async (button, form) => {
    const id = cards().dataset.job;
    button.disabled = true;
    try {
      const answer = await post(id, "export", { form, edits: editsOf(id) });
      if (button.dataset.do === "copy") {
        await copy(await answer.text());
        const label = button.textContent;
        button.textContent = words["result.copied"];
        setTimeout(() => { button.textContent = label; }, 1500);
        return;
      }
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await answer.blob());
      link.download = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? `mujaz.${form}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } catch (error) {
      say(`${words["result.export_failed"]}: ${error.message}`);
    } finally {
      button.disabled = false;
    }
  };
  const copy = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const box = document.createElement("textarea"); // plain http on another machine has no clipboard
    box.value = text;
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  };

  // --- the server lost and found ----------------------------------------------------------------------------------------
  const ALIVE_EVERY = 4000, QUIET_EVERY = 30_000; // milliseconds; seldom while nothing is under way
  let lost = false;
  const say = (line, { stay = false } = {}) => {
    const bar = $("#mj-connection");
    if (!bar) return;
    bar.textContent = line;
    bar.hidden = !line;
    clearTimeout(say.timer);
    if (line && !stay) say.timer = setTimeout(() => { bar.hidden = true; }, 6000);
  };
  const running = () => Boolean(cards()?.classList.contains("mj-running"));
  const alive = async () => {
    try {
      return (await fetch(`${root}/healthz/live`, { cache: "no-store", signal: AbortSignal.timeout(8000) })).status < 500;
    } catch {
      return false;
    }
  };
  const watch = async () => {
    const up = document.hidden && !lost ? true : await alive();
    if (!up && !lost) {
      lost = true;
      say(words["connection.lost"], { stay: true });
    } else if (up && lost) {
      lost = false;
      const id = job();
      say(id ? words["connection.back"] : words["connection.gone"]);
      if (id) $("#mj-attach")?.click();
    }
    setTimeout(watch, lost ? 1500 : running() ? ALIVE_EVERY : QUIET_EVERY);
  };
  addEventListener("offline", () => { if (!lost) watch(); });

  const pressDigits = () => {
    for (const each of all("[data-do=digits]")) each.setAttribute("aria-pressed", String(each.dataset.digits === document.documentElement.dataset.digits));
  };

  // --- what is clicked and typed ------------------------------------------------------------------------------------------
  const actions = {
    source: (target) => choose(target, { focus: true }),
    close: (target) => release(target.closest(".mj-sources")),
    goto: (target) => {
      const story = document.getElementById(target.dataset.to);
      story?.scrollIntoView({ block: "start" });
      story?.focus({ preventScroll: true });
    },
    edit: (target) => openEditor(target.closest(".mj-editable")),
    undo: (target) => commit(target.closest(".mj-editable"), null),
    use: (target) => commit(target.closest(".mj-editable"), { en: target.dataset.text }),
    copy: (target) => take(target, target.dataset.form),
    download: (target) => take(target, target.dataset.form),
    language: (target, event) => {
      event.preventDefault();
      local.set("mujaz-language", target.dataset.language);
      session.set("mujaz-form", JSON.stringify(["paste", "urls", "glossary"].map((name) => $(`#mj-${name} textarea`)?.value ?? "")));
      location.href = target.getAttribute("href") + location.hash;
    },
    digits: (target) => {
      document.documentElement.dataset.digits = target.dataset.digits;
      local.set("mujaz-digits", target.dataset.digits);
      pressDigits();
    },
    look: () => {
      const dark = !document.body.classList.contains("dark");
      document.body.classList.toggle("dark", dark);
      local.set("mujaz-look", dark ? "dark" : "light");
    },
  };
  addEventListener("click", (event) => {
    const target = event.target.closest?.("[data-do]");
    if (target) return void actions[target.dataset.do]?.(target, event);
    const said = event.target.closest?.(".mj-story .mj-say");
    if (said && !getSelection().toString()) return void choose(said);
    if (held && !event.target.closest?.(".mj-sources, .mj-holder")) release($(".mj-sources.shown"));
  });
  addEventListener("keydown", (event) => {
    const said = event.target.closest?.(".mj-story .mj-say");
    if (said && event.key === "Enter") choose(said, { focus: true });
    if (event.key === "Escape" && held) {
      const back = $(".mj-say, .mj-cite", held);
      release($(".mj-sources.shown"));
      back?.focus();
    }
  });
  addEventListener("pointerover", point);
  addEventListener("focusin", point);

  // --- what Gradio puts into the page -----------------------------------------------------------------------------------------
  let drawn = "";
  new MutationObserver(() => {
    const brief = cards();
    // Gradio may mend the old elements instead of making new ones: what is shown tells them apart.
    const shown = brief ? [brief.dataset.job, brief.dataset.state, brief.dataset.final].join(" ") : "";
    if (shown === drawn) return;
    drawn = shown;
    held = null;
    if (!brief) return;
    if (["gone", "failed", "cancelled"].includes(brief.dataset.state)) return leave();
    remember(brief.dataset.job);
    pressDigits();
    if (brief.dataset.final) {
      const id = brief.dataset.job;
      const edits = editsOf(id);
      if (edits.length) redraw(id, [...new Set(edits.map((each) => each.story))], edits).catch((error) => say(error.message));
    }
  }).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["data-job", "data-state", "data-final"] });

  // What event handlers of the page call (`js=` in ui/tabs).
  window.mujaz = {
    job, leave,
    restore: (...typed) => { // a slow page calls this when a quick hand has typed already
      const saved = JSON.parse(session.get("mujaz-form") ?? '["", "", ""]');
      session.drop("mujaz-form");
      return typed.map((text, index) => text || saved[index]);
    },
    cursor: (selector) => {
      const box = $(selector);
      return box ? [...box.value.slice(0, box.selectionStart)].length : 0; // code points, as Python counts
    },
  };
  setTimeout(watch, ALIVE_EVERY);
})();
