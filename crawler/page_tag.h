/*
 * The HTML elements that extraction tells apart, with what it needs to know of each.
 * Constant data only.
 */
#ifndef HY_CRAWLER_PAGE_TAG_H
#define HY_CRAWLER_PAGE_TAG_H

#include "common/base/str.h"

enum hy_tag_trait {
	HY_TAG_IS_BLOCK = 1,	/* begins and ends a line */
	HY_TAG_IS_HIDDEN = 2,	/* never shown as text */
	HY_TAG_IS_RAW = 4,	/* its content is not markup: ends only at its own end tag */
	HY_TAG_IS_HEADING = 8,
};

#define HY_B HY_TAG_IS_BLOCK
#define HY_H HY_TAG_IS_HIDDEN
#define HY_R HY_TAG_IS_RAW
#define HY_TAG_LIST(X) \
	X(TEXT, "", 0) X(OTHER, "", 0) \
	X(A, "a", 0) X(ABBR, "abbr", 0) X(ADDRESS, "address", HY_B) \
	X(ARTICLE, "article", HY_B) X(ASIDE, "aside", HY_B) X(AUDIO, "audio", HY_H) \
	X(B, "b", 0) X(BASE, "base", HY_H) X(BLOCKQUOTE, "blockquote", HY_B) \
	X(BODY, "body", HY_B) X(BR, "br", 0) X(BUTTON, "button", HY_H) \
	X(CANVAS, "canvas", HY_H) X(CAPTION, "caption", HY_B) X(CENTER, "center", HY_B) \
	X(CODE, "code", 0) X(DD, "dd", HY_B) X(DETAILS, "details", HY_B) X(DIV, "div", HY_B) \
	X(DL, "dl", HY_B) X(DT, "dt", HY_B) X(EM, "em", 0) X(EMBED, "embed", HY_H) \
	X(FIELDSET, "fieldset", HY_B) X(FIGCAPTION, "figcaption", HY_B) \
	X(FIGURE, "figure", HY_B) X(FONT, "font", 0) X(FOOTER, "footer", HY_B) \
	X(FORM, "form", HY_B) X(FRAMESET, "frameset", HY_B) \
	X(H1, "h1", HY_B | HY_TAG_IS_HEADING) X(H2, "h2", HY_B | HY_TAG_IS_HEADING) \
	X(H3, "h3", HY_B | HY_TAG_IS_HEADING) X(H4, "h4", HY_B | HY_TAG_IS_HEADING) \
	X(H5, "h5", HY_B | HY_TAG_IS_HEADING) X(H6, "h6", HY_B | HY_TAG_IS_HEADING) \
	X(HEAD, "head", HY_B) X(HEADER, "header", HY_B) X(HR, "hr", HY_B) X(HTML, "html", HY_B) \
	X(I, "i", 0) X(IFRAME, "iframe", HY_H | HY_R) X(IMG, "img", 0) X(INPUT, "input", HY_H) \
	X(LABEL, "label", 0) X(LI, "li", HY_B) X(LINK, "link", HY_H) X(MAIN, "main", HY_B) \
	X(MAP, "map", HY_H) X(MATH, "math", 0) X(MENU, "menu", HY_B) X(META, "meta", HY_H) \
	X(NAV, "nav", HY_B) X(NOEMBED, "noembed", HY_H | HY_R) \
	X(NOFRAMES, "noframes", HY_H | HY_R) X(NOSCRIPT, "noscript", HY_H | HY_R) \
	X(OBJECT, "object", HY_H) X(OL, "ol", HY_B) X(OPTION, "option", HY_H) X(P, "p", HY_B) \
	X(PLAINTEXT, "plaintext", HY_B | HY_R) X(PRE, "pre", HY_B) X(Q, "q", 0) \
	X(S, "s", 0) X(SCRIPT, "script", HY_H | HY_R) X(SECTION, "section", HY_B) \
	X(SELECT, "select", HY_H) X(SMALL, "small", 0) X(SPAN, "span", 0) \
	X(STRONG, "strong", 0) X(STYLE, "style", HY_H | HY_R) X(SUB, "sub", 0) X(SUP, "sup", 0) \
	X(SVG, "svg", HY_H) X(TABLE, "table", HY_B) X(TBODY, "tbody", HY_B) X(TD, "td", HY_B) \
	X(TEMPLATE, "template", HY_H) X(TEXTAREA, "textarea", HY_H | HY_R) \
	X(TFOOT, "tfoot", HY_B) X(TH, "th", HY_B) X(THEAD, "thead", HY_B) X(TIME, "time", 0) \
	X(TITLE, "title", HY_H | HY_R) X(TR, "tr", HY_B) X(U, "u", 0) X(UL, "ul", HY_B) \
	X(VIDEO, "video", HY_H) X(XMP, "xmp", HY_B | HY_R)

enum hy_tag {
#define X(name, text, traits) HY_TAG_##name,
	HY_TAG_LIST(X)
#undef X
	HY_TAG_COUNT
};

/* The element of a name in any case; HY_TAG_OTHER where it is none of the list. */
enum hy_tag hy_tag_find(struct hy_str name);

/* "div"; "" for text and other elements. */
const char *hy_tag_name(enum hy_tag tag);

/* A set of enum hy_tag_trait. */
unsigned hy_tag_traits(enum hy_tag tag);

#undef HY_B
#undef HY_H
#undef HY_R

#endif
