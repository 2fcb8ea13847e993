"use strict";
// A link to what is folded opens it.
const unfold = () => {
  const target = document.getElementById(location.hash.slice(1));
  const fold = target && target.closest("details");
  if (fold) {
    fold.open = true;
    fold.scrollIntoView();
  }
};
window.addEventListener("hashchange", unfold);
unfold();
for (const list of document.querySelectorAll(".folds")) {
  const controls = list.querySelector(".controls");
  const search = controls.querySelector("input");
  const folds = [...list.querySelectorAll(".fold")];
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const fold of folds) {
      const text = fold.querySelector("summary").textContent.toLowerCase();
      fold.hidden = !words.every((word) => text.includes(word));
      shown += !fold.hidden;
    }
    controls.querySelector("output").textContent = `${shown} of ${folds.length}`;
  };
  search.addEventListener("input", filter);
  controls.hidden = folds.length <= 4;
  filter();
}
// Without this script every table is complete; with it, it can be filtered and sorted.
for (const table of document.querySelectorAll(".table")) {
  const controls = table.querySelector(".controls");
  const search = controls.querySelector("input");
  const menus = [...controls.querySelectorAll("select")];
  const count = controls.querySelector("output");
  const body = table.querySelector("tbody");
  const rows = [...body.rows];
  const heads = [...table.querySelectorAll("th")];

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const fits =
        words.every((word) => text.includes(word)) &&
        menus.every((menu) => {
          const cell = row.cells[Number(menu.dataset.column)];
          return !menu.value || cell.textContent === menu.value;
        });
      row.hidden = !fits;
      shown += fits;
    }
    count.textContent = `${shown} of ${rows.length} rows`;
  };

  const compare = (place, isNumber) => (one, other) => {
    const [left, right] = [one, other].map((row) => row.cells[place].dataset.key);
    if (!isNumber) return left.localeCompare(right, "en", { numeric: true });
    return Number(left) - Number(right);
  };

  const sort = (place) => {
    const head = heads[place];
    const isNumber = head.classList.contains("number");
    const before = head.getAttribute("aria-sort");
    for (const other of heads) other.removeAttribute("aria-sort");
    const isDown = before === "ascending";
    head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
    // What has no number stays at the end, whichever way the rest is sorted.
    const isMissing = (row) => isNumber && Number.isNaN(Number(row.cells[place].dataset.key));
    const known = rows.filter((row) => !isMissing(row));
    known.sort(compare(place, isNumber));
    if (isDown) known.reverse();
    body.append(...known, ...rows.filter(isMissing));
  };

  heads.forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(place));
    head.append(button);
  });
  search.addEventListener("input", filter);
  for (const menu of menus) menu.addEventListener("change", filter);
  // A few rows are seen at a glance.
  controls.hidden = rows.length <= 8 && !menus.length;
  filter();
}
