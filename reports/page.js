"use strict";
// Tables sort by a click or Enter on a heading and, where they are long, filter as one types. Without
// this script the page is whole and in a good order.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
  heads.forEach((head, column) => {
    const isNumber = head.classList.contains("number");
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const isAbsent = (row) => isNumber && row.cells[column].dataset.value === undefined;
      const compare = (a, b) =>
        isNumber ? key(a, column) - key(b, column) : key(a, column).localeCompare(key(b, column), "en", {numeric: true});
      body.append(...[...rows].sort((a, b) =>
        isAbsent(a) - isAbsent(b) || (isAbsent(a) ? 0 : (down ? -1 : 1) * compare(a, b))));
    });
  });
  if (rows.length < 8) continue;
  const label = document.createElement("label");
  const field = document.createElement("input");
  const count = document.createElement("output");
  field.type = "search";
  field.placeholder = "part of a row";
  label.className = "filter";
  label.append("Filter ", field, count);
  field.addEventListener("input", () => {
    const wanted = field.value.toLowerCase();
    rows.forEach((row) => { row.hidden = !row.textContent.toLowerCase().includes(wanted); });
    count.textContent = wanted ? `${rows.filter((row) => !row.hidden).length} of ${rows.length}` : "";
  });
  table.closest(".scroll").before(label);
}
