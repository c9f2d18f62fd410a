/* The night as a picture: what was asked, what was answered, where nothing was asked. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/html_count.h"

enum { WIDTH = 720, HEIGHT = 240, LEFT = 44, RIGHT = 8, TOP = 12, BOTTOM = 28 };

static const struct {
    const char *css, *words;
} series[SERIES] = {
    {"done", "accepted"},
    {"refused", "refused"},
    {"putoff", "not processed or not sent, to be repeated"},
    {"doubted", "in doubt"},
};

/* ---- drawing: in tenths, so that no slot is rounded away ---- */

static int x_of(const struct chart *c, int slot)
{
    return LEFT * 10 + (WIDTH - LEFT - RIGHT) * 10 * slot / c->count;
}

static int y_of(const struct chart *c, int64_t n)
{
    return (HEIGHT - BOTTOM) * 10 - (int)((HEIGHT - BOTTOM - TOP) * 10 * n / c->most);
}

static void rect(FILE *out, const char *css, int x, int y, int width, int height)
{
    if (height > 0)
        fprintf(out,
                "<rect class=\"%s\" x=\"%d.%d\" y=\"%d.%d\" width=\"%d.%d\" "
                "height=\"%d.%d\"/>\n",
                css, x / 10, x % 10, y / 10, y % 10, width / 10, width % 10, height / 10,
                height % 10);
}

static void moment(const struct chart *c, int slot, char out[WALL_TEXT_MAX])
{
    wall_text((struct wall){c->steps.from.ms + slot * c->steps.width_ms}, out);
}

static void draw_axes(FILE *out, const struct chart *c)
{
    int ticks = c->most < 5 ? (int)c->most : 5; /* the top is 1, 2 or 5, and zeros */
    for (int i = 0; i <= ticks; i++) {
        int64_t n = c->most * i / ticks;
        int y = y_of(c, n);
        fprintf(out,
                "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%d.%d\" y2=\"%d.%d\"/>"
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%" PRId64 "</text>\n",
                LEFT, WIDTH - RIGHT, y / 10, y % 10, y / 10, y % 10, LEFT - 6, y / 10 + 4,
                n);
    }
    for (int i = 0; i < 4; i++) {
        char text[WALL_TEXT_MAX];
        int slot = c->count * i / 4;
        if (i && slot == c->count * (i - 1) / 4)
            continue;
        moment(c, slot, text);
        fprintf(out, "<text x=\"%d\" y=\"%d\">%.*s</text>\n", x_of(c, slot) / 10,
                HEIGHT - 8, c->steps.width_ms < 60000 ? 8 : 5, text + 11);
    }
}

static void draw_pauses(FILE *out, const struct chart *c)
{
    for (int i = 0, from; i < c->count; i++) {
        for (from = i; i < c->count && slot_is_quiet(&c->slots[i]);)
            i++;
        if (i > from)
            rect(out, "pause", x_of(c, from), TOP * 10, x_of(c, i) - x_of(c, from),
                 (HEIGHT - TOP - BOTTOM) * 10);
    }
}

static void draw_answers(FILE *out, const struct chart *c)
{
    for (int i = 0; i < c->count; i++) {
        int64_t below = 0;
        int x = x_of(c, i), width = x_of(c, i + 1) - x - 10;
        width = width < 10 ? x_of(c, i + 1) - x : width;
        for (int k = 0; k < SERIES; k++) {
            int64_t n = c->slots[i].answers[k];
            rect(out, series[k].css, x, y_of(c, below + n), width,
                 y_of(c, below) - y_of(c, below + n));
            below += n;
        }
    }
}

static void draw_asked(FILE *out, const struct chart *c)
{
    fputs("<path class=\"asked\" d=\"", out);
    for (int i = 0; i < c->count; i++) {
        int y = y_of(c, c->slots[i].asked);
        fprintf(out, "%c%d.%d %d.%dH%d.%d", i ? 'L' : 'M', x_of(c, i) / 10,
                x_of(c, i) % 10, y / 10, y % 10, x_of(c, i + 1) / 10,
                x_of(c, i + 1) % 10);
    }
    fputs("\"/>\n", out);
}

/* ---- in words ---- */

static void print_length(FILE *out, int64_t ms)
{
    int64_t s = ms / 1000;
    if (s < 60)
        fprintf(out, "%" PRId64 " s", s);
    else if (s < 3600)
        fprintf(out, "%" PRId64 " min", s / 60);
    else
        fprintf(out, "%" PRId64 " h", s / 3600);
}

static void print_totals(FILE *out, const struct chart *c)
{
    struct slot all = {0};
    for (int i = 0; i < c->count; i++) {
        all.asked += c->slots[i].asked;
        for (int k = 0; k < SERIES; k++)
            all.answers[k] += c->slots[i].answers[k];
    }
    fprintf(out, "%" PRId64 " %s", all.asked,
            text_plural(all.asked, "request", "requests"));
    for (int k = 0; k < SERIES; k++)
        if (all.answers[k])
            fprintf(out, ", %" PRId64 " %s", all.answers[k], series[k].words);
}

static void print_described(FILE *out, const struct chart *c)
{
    char first[WALL_TEXT_MAX], last[WALL_TEXT_MAX];
    int begin = 0, pause = chart_pause(c, &begin);
    moment(c, 0, first);
    moment(c, c->count, last);
    fprintf(out, "From %.10s %.5s to %.5s UTC, in steps of ", first, first + 11,
            last + 11);
    print_length(out, c->steps.width_ms);
    fputs(": ", out);
    print_totals(out, c);
    if (pause) {
        moment(c, begin, first);
        fputs(". Longest time without any: ", out);
        print_length(out, pause * c->steps.width_ms);
        fprintf(out, " from %.8s", first + 11);
    }
    fputs(".", out);
}

static void print_legend(FILE *out, const struct chart *c)
{
    int begin;
    fputs("<ul class=\"legend\"><li class=\"asked\">requests sent</li>", out);
    for (int k = 0; k < SERIES; k++)
        fprintf(out, "<li class=\"%s\">%s</li>", series[k].css, series[k].words);
    if (chart_pause(c, &begin))
        fputs("<li class=\"pause\">nothing asked</li>", out);
    fputs("</ul>\n", out);
}

static void draw(FILE *out, const struct chart *c)
{
    fprintf(out,
            "<figure><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"ct cd\">"
            "<title id=\"ct\">Requests and answers over time</title><desc id=\"cd\">",
            WIDTH, HEIGHT);
    print_described(out, c);
    fputs("</desc>\n", out);
    draw_pauses(out, c);
    draw_axes(out, c);
    draw_answers(out, c);
    draw_asked(out, c);
    fputs("</svg>\n", out);
    print_legend(out, c);
    fputs("<figcaption>", out);
    print_described(out, c);
    fputs("</figcaption></figure>\n", out);
}

int html_chart(struct page *p)
{
    struct chart *c = mem_zero(1, sizeof(*c));
    int rc = chart_count(c, p);
    if (rc == 0 && c->count) {
        fputs("<section>\n<h2>The night</h2>\n", p->out);
        draw(p->out, c);
        fputs("</section>\n", p->out);
    }
    free(c);
    return rc;
}
