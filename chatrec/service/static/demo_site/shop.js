// The example shop's own script: shelves from /v1/recommend, the cart's count, and the buttons that hand a question to the chat.
(() => {
  'use strict';
  const base = document.currentScript.dataset.base;
  const place = (id) => document.getElementById(id);
  const make = (tag, given = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(given)) node.setAttribute(name, value);
    node.append(...children.filter(Boolean));
    return node;
  };

  // Asked of the shop's own server, which knows its shoppers; the chat asks the same way when a token has run out.
  const newToken = async (known) => {
    const response = await fetch(`${base}/shop/token`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(known || {}) });
    return response.ok ? response.json() : {};
  };
  window.chatrec = { onToken: newToken };
  let token;
  async function ask(path) {
    token ||= newToken({ session_id: window.chatrec.session || null });
    const given = (await token).token;
    const response = await fetch(base + path, { headers: given ? { Authorization: `Bearer ${given}` } : {}, credentials: 'omit' });
    return response.ok ? response.json() : null;
  }

  const money = (amount, currency) => new Intl.NumberFormat('en', { style: 'currency', currency: currency || 'USD' }).format(amount);
  const address = (id) => `${base}/shop/item/${encodeURIComponent(id)}`;
  const picture = (id, side) => make('img', { src: `${base}/shop/pictures/${encodeURIComponent(id)}.svg`, alt: '', width: side, height: side, loading: 'lazy' });

  function tile(card) {
    const link = make('a', { href: address(card.item_id) }, picture(card.item_id, 200), make('span', { class: 'name' }, card.title));
    const rating = card.rating ? make('span', { class: 'stars', role: 'img', 'aria-label': `rated ${card.rating} of 5` }, `★ ${card.rating}`) : null;
    const line = make('span', { class: 'line' }, card.price ? make('span', { class: 'price' }, money(card.price, card.currency)) : null, rating);
    return make('li', { class: 'tile' }, link, make('span', { class: 'by' }, card.brand || ''), line, card.why ? make('span', { class: 'because' }, card.why[0].toUpperCase() + card.why.slice(1)) : null);
  }

  async function fillShelf(shelf, cart) {
    const { placement, item, q, k } = shelf.dataset;
    const asked = new URLSearchParams({ k: k || '6' });
    if (item) asked.set('item_id', item);
    if (q) asked.set('q', q);
    if (window.chatrec.session) asked.set('session_id', window.chatrec.session);
    if (placement === 'cart') { if (!cart.length) return; for (const id of cart) asked.append('cart', id); }
    const found = await ask(`/v1/recommend/${placement}?${asked}`);
    if (!found || !found.items.length) return;
    shelf.querySelector('ul').replaceChildren(...found.items.map(tile));
    shelf.hidden = false;
  }

  function showCart(lines) {
    const count = lines.reduce((sum, line) => sum + (line.quantity || 1), 0);
    sessionStorage.setItem('shop.cart', String(count));
    place('cart-count').textContent = String(count);
    place('cart-count').hidden = !count;
    const list = place('cart-lines');
    if (!list) return;
    place('cart-empty').hidden = count > 0;
    list.replaceChildren(...lines.map((line) => {
      const version = (Array.isArray(line.options) ? line.options : Object.entries(line.options || {})).map(([name, value]) => `${name} ${value}`).join(', ');
      const words = make('div', {}, make('a', { href: address(line.item_id), class: 'name' }, line.title), make('span', { class: 'quiet' }, [version, line.quantity > 1 ? `${line.quantity} ×` : ''].filter(Boolean).join(' · ')),
        make('button', { type: 'button', class: 'quiet', 'data-ask': `remove ${line.title} from my cart` }, 'Take out'));
      return make('li', {}, picture(line.item_id, 84), words, make('b', {}, line.price === null ? '' : money(line.price, line.currency)));
    }));
    const sums = new Map();
    for (const line of lines) if (line.price !== null) sums.set(line.currency, (sums.get(line.currency) || 0) + Number(line.price) * (line.quantity || 1));
    place('cart-total').hidden = !sums.size;
    place('cart-total').querySelector('b').textContent = [...sums].map(([currency, sum]) => money(sum, currency)).join(' + ');
  }

  async function begin() {
    document.addEventListener('chatrec:cart', (event) => {
      showCart(event.detail.lines);
      window.chatrec.setContext({ cart: event.detail.lines.map((line) => line.item_id) });
      for (const shelf of document.querySelectorAll('.shelf[data-placement=cart]')) fillShelf(shelf, event.detail.lines.map((line) => line.item_id));
    });
    document.addEventListener('click', (event) => {
      const button = event.target.closest('[data-ask], [data-cart]');
      if (!button || button.tagName !== 'BUTTON') return;
      if (button.dataset.cart) window.chatrec.addToCart(button.dataset.cart, button.dataset.title);
      else window.chatrec.ask(button.dataset.ask);
    });
    for (const choice of document.querySelectorAll('.sort select')) choice.addEventListener('change', () => choice.form.requestSubmit());
    const count = Number(sessionStorage.getItem('shop.cart') || 0);
    place('cart-count').textContent = String(count);
    place('cart-count').hidden = !count;
    let ids = [];
    if (place('cart-lines') && window.chatrec.session) {
      const kept = await ask(`/v1/sessions/${encodeURIComponent(window.chatrec.session)}`);
      showCart((kept && kept.cart) || []);
      ids = ((kept && kept.cart) || []).map((line) => line.item_id);
    }
    for (const shelf of document.querySelectorAll('.shelf')) fillShelf(shelf, ids);
  }
  window.addEventListener('DOMContentLoaded', begin); // after the widget, which is deferred as well
})();
