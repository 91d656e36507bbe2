
// Sorting of tables and the item browser. Text goes into the page as text only, never as HTML.
(() => {
  "use strict";
  const PAGE = 6;
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // 1. Tables: a click on a column's name sorts by it, its better end first; another click turns the order.
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    const sort = (head, descending) => {
      const index = heads.indexOf(head);
      const textual = head.dataset.sort === "text";
      const value = (row) => (textual ? row.cells[index].textContent.trim() : row.cells[index].dataset.v);
      const sign = descending ? -1 : 1;
      const rows = [...body.rows].map((row, place) => ({ row, place, value: value(row) }));
      rows.sort((one, other) => {
        if (textual) return sign * one.value.localeCompare(other.value) || one.place - other.place;
        if (one.value === "" || other.value === "") return (one.value === "") - (other.value === "") || one.place - other.place;
        return sign * (Number(one.value) - Number(other.value)) || one.place - other.place;
      });
      body.append(...rows.map((each) => each.row));
      for (const each of heads) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    };
    for (const head of heads) {
      if (!head.dataset.sort) continue;
      const name = head.querySelector(".what");
      const button = make("button");
      button.type = "button";
      button.append(...(name ? [name.cloneNode(true)] : [...head.childNodes]));
      if (name) name.replaceWith(button);
      else head.replaceChildren(button);
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        sort(head, now ? now === "ascending" : head.dataset.sort === "down");
      });
    }
  }

  // 2. The item browser.
  const browsers = new Map();
  for (const section of document.querySelectorAll(".browser")) {
    const board = section.dataset.board;
    const data = JSON.parse(document.getElementById(`${board}-data`).textContent);
    browsers.set(board, browser(section, board, data));
  }

  function browser(section, board, data) {
    const form = section.querySelector("form");
    const list = section.querySelector(".items");
    const status = section.querySelector(".tally-line");
    const pager = section.querySelector(".pager");
    const fields = form.elements;
    const [sourceLanguage, targetLanguage] = data.languages;
    const [sourceDirection, targetDirection] = data.directions;
    const several = data.systems.length > 1;
    let shown = [];
    let page = 0;

    const options = (select, values) => {
      select.replaceChildren(...values.map(([value, label]) => {
        const option = make("option", "", label);
        option.value = value;
        return option;
      }));
    };
    const names = data.systems.map((system, index) => [String(index), system.name]);
    options(fields.a, names);
    options(fields.b, names);
    fields.b.value = several ? "1" : "0";
    if (!several) fields.b.closest("label").hidden = fields.pair.closest("label").hidden = true;
    options(fields.metric, data.metrics.map((metric, index) => [String(index), metric.label]));
    const kinds = data.buckets.map((label, index) => [String(index), label]);
    options(fields.bucket, [["", "all items"], ...kinds]);
    if (!kinds.length) fields.bucket.closest("label").hidden = true;

    // The names of the two systems stand in the orders offered, so they change with the choice.
    const offer = () => {
      const kept = fields.order.value;
      const a = data.systems[fields.a.value].name;
      const b = data.systems[fields.b.value].name;
      const pairs = several ? [["a", `${a} ahead most`], ["b", `${b} ahead most`], ["apart", "farthest apart"]] : [];
      options(fields.order, [...pairs, ["worst", `${a} worst first`], ["best", `${a} best first`], ["set", "order of the dataset"]]);
      if (kept) fields.order.value = kept;
    };

    const fold = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f\u0640\u064b-\u065f\u0670]/g, "")
      .replace(/[\u0622\u0623\u0625\u0671]/g, "\u0627").replace(/\u0649|\u06cc/g, "\u064a").replace(/\u0629/g, "\u0647").replace(/\u06a9/g, "\u0643");
    const haystack = (item) => (item.folded ??= fold([item.i, ...(item.s ?? []), ...(item.r ?? []), ...(item.h ?? [])].join("\n")));
    const score = (item, system) => item.v[system][fields.metric.value];
    const sign = () => (data.metrics[fields.metric.value].up ? 1 : -1);
    // How far A is ahead of B, in points of the metric, turned so that more is better for A.
    const gain = (item) => {
      const [a, b] = [score(item, fields.a.value), score(item, fields.b.value)];
      return a === null || b === null ? null : sign() * (a - b);
    };
    const number = (value) => (value === null ? "–" : value.toFixed(data.metrics[fields.metric.value].decimals));
    const signed = (value) => (value > 0 ? "+" : value < 0 ? "−" : "±") + number(Math.abs(value));

    const update = (keep) => {
      const query = fold(fields.query.value.trim());
      const bucket = fields.bucket.value === "" ? null : Number(fields.bucket.value);
      shown = data.items.filter((item) => (bucket === null || (item.b ?? []).includes(bucket)) && (!query || haystack(item).includes(query)));
      const order = fields.order.value;
      const own = (item) => { const value = score(item, fields.a.value); return value === null ? null : sign() * value; };
      const key = { a: (i) => neg(gain(i)), b: gain, apart: (i) => neg(abs(gain(i))), worst: own, best: (i) => neg(own(i)), set: (i) => i.n }[order];
      shown = shown.map((item) => ({ item, key: key(item) }))
        .sort((one, other) => (one.key === null) - (other.key === null) || one.key - other.key || one.item.n - other.item.n)
        .map((each) => each.item);
      if (!keep) page = 0;
      draw();
    };
    const neg = (value) => (value === null ? null : -value);
    const abs = (value) => (value === null ? null : Math.abs(value));

    const tally = () => {
      status.replaceChildren();
      const count = shown.length.toLocaleString("en");
      const of = shown.length === data.total ? "" : ` of ${data.total.toLocaleString("en")}`;
      status.append(`${count}${of} items`);
      const thin = data.items.length < data.total ? ` This page holds ${data.items.length.toLocaleString("en")} of them, spread evenly.` : "";
      const gains = several && fields.a.value !== fields.b.value ? shown.map(gain).filter((value) => value !== null) : [];
      if (gains.length) {
        const ahead = gains.filter((value) => value > 0).length;
        const behind = gains.filter((value) => value < 0).length;
        const [a, b] = [data.systems[fields.a.value].name, data.systems[fields.b.value].name];
        status.append(make("span", "quiet", ` · \u2068${a}\u2069 ahead in ${ahead.toLocaleString("en")}, \u2068${b}\u2069 in ${behind.toLocaleString("en")}, level in ${(gains.length - ahead - behind).toLocaleString("en")}.`));
      }
      if (thin) status.append(make("span", "quiet", thin));
    };

    const marked = (holder, text, runs, missing) => {
      const words = text ? text.split(" ") : [];
      const gone = new Map(missing ?? []);
      const lost = (index) => {
        if (gone.has(index)) holder.append(make("span", "gone", gone.get(index)), " ");
      };
      let next = 0;
      for (let index = 0; index < words.length;) {
        lost(index);
        if (next < (runs?.length ?? 0) && runs[next] === index) {
          // A run of marked words is one element, cut where missing words stand inside it.
          let end = index + runs[next + 1];
          for (let cut = index + 1; cut < end; cut++) if (gone.has(cut)) { runs = [...runs.slice(0, next), index, cut - index, cut, end - cut, ...runs.slice(next + 2)]; end = cut; }
          holder.append(make("mark", "diff", words.slice(index, end).join(" ")), " ");
          index = end;
          next += 2;
        } else {
          let end = index + 1;
          while (end < words.length && !gone.has(end) && runs?.[next] !== end) end++;
          holder.append(words.slice(index, end).join(" "), " ");
          index = end;
        }
      }
      lost(words.length);
      if (!words.length) holder.append(make("span", "empty-text", "(empty)"));
    };

    const article = (item) => {
      const entry = make("li", "item");
      entry.id = `${board}-item-${item.n}`;
      entry.tabIndex = -1;
      const head = make("div", "item-head");
      const link = make("a", "", item.i);
      link.href = `#${entry.id}`;
      link.dir = "auto";
      link.title = "A link to this item";
      head.append(make("span", "", `${(shown.indexOf(item) + 1).toLocaleString("en")}.`), link);
      const kinds_ = (item.b ?? []).map((index) => data.buckets[index]).join(" · ");
      if (kinds_) head.append(make("span", "", kinds_));
      const [a, b] = [fields.a.value, fields.b.value];
      if (several && a !== b) {
        const told = make("span", "gain");
        const difference = gain(item);
        const [one, other] = [data.systems[a].name, data.systems[b].name];
        if (difference === null) told.append("no score");
        else if (difference === 0) told.append("level");
        else told.append(`\u2068${difference > 0 ? one : other}\u2069 ahead `, make("b", "", signed(Math.abs(difference))));
        head.append(told);
      }
      entry.append(head);
      if (item.s || item.r) {
        const texts = make("div", "texts");
        if (item.s) texts.append(sources(item.s));
        if (item.r?.length) texts.append(references(item.r));
        entry.append(texts);
      }
      const outputs = make("ul", "hyps");
      const rest = data.systems.map((_, index) => String(index)).filter((index) => index !== a && index !== b);
      for (const index of [...new Set([a, b]), ...(fields.pair.checked && several ? [] : rest)]) {
        const output = make("li", several && (index === a || index === b) ? "hyp chosen" : "hyp");
        const label = make("p", "label");
        const name = make("bdi", "", data.systems[index].name);
        label.append(name, make("span", "", `${data.metrics[fields.metric.value].label} ${number(score(item, index))}`));
        output.append(label);
        if (item.h) {
          const text = make("p", "text");
          // A system may answer in the other language (copying does).
          const own = /[\u0600-\u06ff]/.test(/\p{L}/u.exec(item.h[index])?.[0] ?? "") ? "ar" : targetLanguage;
          text.lang = own;
          text.dir = own === "ar" ? "rtl" : targetDirection;
          marked(text, item.h[index], item.x?.[index], item.m?.[index]);
          output.append(text);
        }
        outputs.append(output);
      }
      entry.append(outputs);
      return entry;
    };

    const sources = (texts) => {
      const long = texts.join("").length > 1500;
      const box = make(long ? "details" : "div", "of-source");
      box.dir = sourceDirection;
      const told = texts.length > 1 ? `${texts.length} sources` : "Source";
      box.append(make(long ? "summary" : "p", "label", long ? `${told}, ${texts.join("").length.toLocaleString("en")} characters` : told));
      for (const text of texts) {
        const paragraph = make("p", "source", text);
        paragraph.lang = sourceLanguage;
        paragraph.dir = sourceDirection;
        box.append(paragraph);
      }
      return box;
    };
    const references = (texts) => {
      const box = make("div", "of-reference");
      box.append(make("p", "label", texts.length > 1 ? `${texts.length} references` : "Reference"));
      for (const text of texts) {
        const paragraph = make("p", "reference", text);
        paragraph.lang = targetLanguage;
        paragraph.dir = targetDirection;
        box.append(paragraph);
      }
      return box;
    };

    const draw = () => {
      const pages = Math.max(1, Math.ceil(shown.length / PAGE));
      page = Math.min(Math.max(page, 0), pages - 1);
      list.replaceChildren(...shown.slice(page * PAGE, (page + 1) * PAGE).map(article));
      if (list.firstElementChild) list.firstElementChild.tabIndex = 0; // Tab reaches one item; from there the keys work
      tally();
      pager.hidden = shown.length <= PAGE;
      pager.querySelector(".where").textContent = `Page ${(page + 1).toLocaleString("en")} of ${pages.toLocaleString("en")}`;
      pager.querySelector('[data-go="-1"]').disabled = page === 0;
      pager.querySelector('[data-go="1"]').disabled = page === pages - 1;
    };
    const turn = (by, focusLast) => {
      const before = page;
      page += by;
      draw();
      if (page === before) return false;
      const target = focusLast ? list.lastElementChild : list.firstElementChild;
      target?.focus({ preventScroll: true });
      target?.scrollIntoView({ block: "start" });
      return true;
    };

    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => {
      if (event.target === fields.missing) { section.classList.toggle("show-missing", fields.missing.checked); return; }
      if (event.target === fields.a || event.target === fields.b) offer();
      update(event.target === fields.pair);
    });
    pager.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) turn(Number(button.dataset.go));
    });
    list.addEventListener("focusin", (event) => {
      const item = event.target.closest(".item");
      for (const each of list.children) each.tabIndex = each === item ? 0 : -1;
    });
    list.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const item = event.target.closest(".item");
      const step = { j: 1, k: -1 }[event.key];
      if (step && item) {
        const next = step > 0 ? item.nextElementSibling : item.previousElementSibling;
        if (next) next.focus();
        else turn(step, step < 0);
      } else if (event.key === "n" || event.key === "p") turn(event.key === "n" ? 1 : -1);
      else return;
      event.preventDefault();
    });

    offer();
    form.hidden = false;
    update();
    return {
      open(position) {
        if (!data.items.some((item) => item.n === position)) return;
        fields.query.value = fields.bucket.value = "";
        fields.order.value = "set";
        update();
        page = Math.floor(shown.findIndex((item) => item.n === position) / PAGE);
        draw();
        const target = document.getElementById(`${board}-item-${position}`);
        target?.focus({ preventScroll: true });
        target?.scrollIntoView({ block: "center" });
      },
    };
  }

  // 3. Addresses: #set-1-item-37 opens that item.
  const go = () => {
    const found = /^#(set-\d+)-item-(\d+)$/.exec(location.hash);
    if (found) browsers.get(found[1])?.open(Number(found[2]));
  };
  addEventListener("hashchange", go);
  go();
})();
