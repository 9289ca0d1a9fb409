// The sheet that is handed over has a button that prints it; a PIN is sent with its last figure.

const PIN_LENGTH = 6;

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const form of document.querySelectorAll("form[data-six]")) {
  const field = form.querySelector("input[name=pin]");
  let sent = false;
  const sendWhole = () => {
    if (sent || field.value.length !== PIN_LENGTH) return;
    sent = true; // a finger on the button as well: one try, not two
    form.requestSubmit();
  };
  field.addEventListener("input", sendWhole);
  // Typed before this ran: somebody is quicker than the page.
  if (document.activeElement === field) sendWhole();
  field.focus();
}
