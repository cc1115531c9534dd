// What this browser remembers of the chat page: the conversation and the language. Loaded before the page itself.
// A tab keeps its conversation over a reload; a new tab goes on with the newest one, unless that is open in another tab.
(() => {
  let held = '';
  let release = () => {};

  function remembered(store, name) {
    try { return window[store].getItem(`chatrec.${name}`) || ''; } catch { return ''; }  // a private window
  }

  function remember(store, name, value) {
    try { window[store].setItem(`chatrec.${name}`, value); } catch { /* a private window */ }
  }

  // Whether the conversation is this tab's own now: one tab at a time holds it. Browsers that know no locks share it.
  function mine(session) {
    if (!navigator.locks || session === held) return Promise.resolve(true);
    return new Promise((answer) => {
      navigator.locks.request(`chatrec.${session}`, { ifAvailable: true }, (lock) => {
        if (!lock) { answer(false); return undefined; }
        release();
        held = session;
        answer(true);
        return new Promise((ended) => { release = ended; });
      }).catch(() => answer(true));
    });
  }

  window.chatrecMemory = {
    async recall() {
      const session = remembered('sessionStorage', 'session') || remembered('localStorage', 'session');
      const memo = { session: session && await mine(session) ? session : '', language: remembered('localStorage', 'language') };
      return [JSON.stringify({ ...memo, languages: (navigator.languages || []).join(',') })];
    },
    keep(memo) {
      const kept = JSON.parse(memo);
      remember('sessionStorage', 'session', kept.session);
      remember('localStorage', 'session', kept.session);
      mine(kept.session);
      document.documentElement.lang = kept.language;
      window.chatrecKept = kept;
      window.chatrec?.resume();
    },
    choose(language) {
      remember('localStorage', 'language', language);
    },
  };
})();
