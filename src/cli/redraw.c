#include "cli/redraw.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static volatile sig_atomic_t is_over;

static void on_signal(int number)
{
    (void)number;
    is_over = 1;
}

static void heed_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: sleep ends */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

/* A line of `width` columns at most. One that is cut ends with "…": a part of an amount
 * must not pass for one. */
static void draw_line(const char *line, size_t len, int width)
{
    size_t at = 0, end = 0;
    int column = 0;
    for (; at < len; at++) {
        bool begins = ((unsigned char)line[at] & 0xc0) != 0x80;
        if (begins && column++ == width - 1)
            end = at;
    }
    if (column <= width)
        printf("%.*s\033[K\n", (int)len, line);
    else
        printf("%.*s…\033[K\n", (int)end, line);
}

static int lines_of(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* The last paragraph: what to type. */
static const char *tail_of(const char *text)
{
    const char *tail = text;
    for (const char *at = text; (at = strstr(at, "\n\n")) && at[2]; at += 2)
        tail = at + 2;
    return tail;
}

static const char *draw_lines(const char *text, const char *end, int rows, int width)
{
    for (; text < end && rows > 0; rows--) {
        size_t len = strcspn(text, "\n");
        draw_line(text, len, width);
        text += len + (text[len] == '\n');
    }
    return text;
}

/* Over what stands there, line by line, so that nothing flickers. What does not fit into
 * the window is left out of the middle. */
static void draw(const char *text)
{
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    const char *end = text + strlen(text), *tail = tail_of(text);
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    int rows = (size.ws_row > 4 ? size.ws_row : 4) - 1, width = size.ws_col;
    int last = lines_of(tail) < rows / 2 ? lines_of(tail) : rows / 2;
    fputs("\033[?25l\033[H", stdout);
    if (lines_of(text) > rows) {
        draw_lines(text, tail, rows - last - 1, width);
        draw_line("... more: a higher window, or --batch NAME, shows it", 52, width);
        text = tail;
        rows = last;
    }
    draw_lines(text, end, rows, width);
    fputs("\033[J", stdout);
    fflush(stdout);
}

static int print_once(redraw_fn *print, void *ctx, bool terminal)
{
    char *text = NULL, now[WALL_TEXT_MAX];
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        abort();
    int rc = print(out, ctx);
    fclose(out);
    if (rc == 0 && terminal)
        draw(text);
    else if (rc == 0)
        printf("---- %s\n%s\n", wall_text(clock_wall(), now), text);
    fflush(stdout);
    free(text);
    return rc;
}

int redraw_every(int seconds, redraw_fn *print, void *ctx)
{
    bool terminal = isatty(STDOUT_FILENO);
    int rc;
    heed_signals();
    if (terminal)
        fputs("\033[H\033[J", stdout);
    while ((rc = print_once(print, ctx, terminal)) == 0 && !is_over && !ferror(stdout)) {
        struct timespec time = {.tv_sec = seconds};
        nanosleep(&time, NULL);
        if (is_over)
            break;
    }
    if (terminal)
        fputs("\033[?25h", stdout);
    return rc;
}
