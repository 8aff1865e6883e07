"use strict";
// A page on which something is being worked out is looked at again, until it is done.

{
  let timer = 0;
  const again = () => {
    clearTimeout(timer);
    if (!document.querySelector("[data-poll]")) return;
    timer = setTimeout(() => {
      Desk.visit(location.href, { push: false, quiet: true }).then((shown) => { if (!shown) again(); });
    }, 1000);
  };
  document.addEventListener("desk:settled", again);
  again();
}
