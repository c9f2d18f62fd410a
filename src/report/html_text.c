#include <inttypes.h>
#include <string.h>

#include "base/embed.h"
#include "base/sha256.h"
#include "base/text.h"
#include "report/html_parts.h"

extern const struct embed report_page_files[];

static void put_escaped(FILE *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        switch (text.ptr[i]) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            fputc(text.ptr[i], out);
        }
}

void html_text(FILE *out, const char *text)
{
    struct buf b;
    if (!text)
        return;
    buf_init(&b, 16 * 1024 * 1024);
    text_printable(&b, span_of(text));
    put_escaped(out, buf_span(&b));
    buf_close(&b);
}

void html_number(FILE *out, const char *digits)
{
    size_t whole = strspn(digits, "0123456789");
    size_t first = whole > 3 ? (whole - 1) % 3 + 1 : whole;
    fprintf(out, "%.*s", (int)first, digits);
    for (size_t at = first; at < whole; at += 3)
        fprintf(out, "<i>%.3s</i>", digits + at);
    html_text(out, digits + whole);
}

void html_count(FILE *out, int64_t n)
{
    char digits[24];
    snprintf(digits, sizeof(digits), "%" PRId64, n);
    html_number(out, digits);
}

void html_moment(FILE *out, const char *iso)
{
    if (!iso || strlen(iso) < 19)
        return;
    fprintf(out, "<time>%.10s %.8s</time>", iso, iso + 11);
}

void html_words(FILE *out, const char *name)
{
    for (; name && *name; name++)
        fputc(*name == '_' ? ' ' : *name, out);
}

/* ---- the frame ---- */

static struct span file_named(const char *name)
{
    const struct embed *f = report_page_files;
    while (f->name && strcmp(f->name, name) != 0)
        f++;
    return f->name ? f->text : span_of("");
}

static int value_of(char digit)
{
    return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

/* 'sha256-...' as CSP wants it: base64 of the digest, of which we have the hex. */
static void put_hash(FILE *out, struct span text)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char hex[SHA256_HEX_MAX];
    unsigned bits = 0;
    int held = 0;
    struct sha256 *hash = sha256_begin();
    sha256_add(hash, text);
    sha256_end(hash, hex);
    fputs("'sha256-", out);
    for (const char *h = hex; *h; h++) {
        bits = (bits << 4) | (unsigned)value_of(*h);
        for (held += 4; held >= 6; held -= 6)
            fputc(letters[(bits >> (held - 6)) & 63], out);
    }
    fprintf(out, "%c='", letters[(bits << (6 - held)) & 63]); /* 256 bits: 4 are left */
}

void html_begin(const struct page *p, const char *title)
{
    struct span style = file_named("page.css"), script = file_named("page.js");
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src ",
          p->out);
    put_hash(p->out, style);
    fputs("; script-src ", p->out);
    put_hash(p->out, script);
    fputs("; base-uri 'none'; form-action 'none'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
          p->out);
    html_text(p->out, title);
    fprintf(p->out, "</title>\n<style>%.*s</style>\n</head>\n<body>\n", (int)style.len,
            style.ptr);
}

void html_end(const struct page *p)
{
    struct span script = file_named("page.js");
    fprintf(p->out, "<script>%.*s</script>\n</body>\n</html>\n", (int)script.len,
            script.ptr);
}
