// Tables that sort by a click on a heading, and show only the rows that have the words typed above them.
"use strict";
for (const table of document.querySelectorAll("table.sorts")) {
  const body = table.tBodies[0], rows = [...body.rows];
  const value = (row, i) => row.cells[i].dataset.value ?? row.cells[i].textContent;
  [...table.tHead.rows[0].cells].forEach((head, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const numbers = rows.every((row) => !Number.isNaN(Number(value(row, i))));
      body.append(...rows.slice().sort((one, two) => {
        const [x, y] = [value(one, i), value(two, i)];
        if (x === "" || y === "") return (x === "") - (y === ""); // what is missing is last, either way
        return (down ? -1 : 1) * (numbers ? x - y : x.localeCompare(y, "en"));
      }));
    });
  });
  const input = document.createElement("input"), label = document.createElement("label");
  const said = document.createElement("span");
  input.type = "search";
  said.className = "note";
  said.setAttribute("aria-live", "polite");
  label.append("Only rows with ", input, " ");
  const line = document.createElement("p");
  line.className = "filter";
  line.append(label, said);
  table.parentElement.before(line);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    said.textContent = words.length ? `${rows.filter((row) => !row.hidden).length} of ${rows.length}` : "";
  });
}
// What the claims rest on is printed too, and of the rest whatever is open.
const unfolded = [];
addEventListener("beforeprint", () => {
  unfolded.push(...document.querySelectorAll("#claims details:not([open])"));
  for (const part of unfolded) part.open = true;
});
addEventListener("afterprint", () => { for (const part of unfolded.splice(0)) part.open = false; });
