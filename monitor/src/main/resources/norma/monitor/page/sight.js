// What is out of sight is not kept up to date; it is drawn, or asked for, when it comes into sight.

/** How near to the part of the page that is shown counts as in sight. */
const NEAR = '200px';

export class Sight {
  #observer;
  #inside;

  /**
   * @param nodes in sight if one of them is; all count as in sight until the browser has told
   * @param came called when the first of them comes into sight again
   */
  constructor(nodes, came) {
    this.#inside = new Set(nodes);
    this.#observer = new IntersectionObserver(entries => {
      const before = this.now;
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) this.#inside.add(target);
        else this.#inside.delete(target);
      }
      if (this.now && !before) came();
    }, { rootMargin: NEAR });
    nodes.forEach(node => this.#observer.observe(node));
  }

  /** Whether it is in sight. */
  get now() {
    return this.#inside.size > 0;
  }

  disconnect() {
    this.#observer.disconnect();
  }
}
