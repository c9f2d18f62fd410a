/* One error: a code of the list below and a text for a person.
 *
 * Every function that can fail for a reason a person should read takes a `struct err *`
 * last and returns 0, or -1 with code and text filled in. The text is set where the
 * reason is known and wrapped on the way up ("payees.csv: line 7: ..."). Library floors
 * return errors; only the program prints them. */
#ifndef REMESA_BASE_ERR_H
#define REMESA_BASE_ERR_H

/* code, exit status of the program (sysexits.h where one fits), what it is for */
#define ERR_CODES(X)                                                                     \
    X(NONE, 0, "no error")                                                               \
    X(UNBALANCED, 4, "the money does not balance")                                       \
    X(USAGE, 64, "the command line is wrong")                                            \
    X(INPUT, 65, "the input is wrong")                                                   \
    X(NOINPUT, 66, "a named file or thing does not exist")                               \
    X(UNAVAILABLE, 69, "the API cannot be reached")                                      \
    X(SOFTWARE, 70, "a promise inside the program is broken")                            \
    X(CANTCREATE, 73, "a file cannot be created")                                        \
    X(IO, 74, "reading or writing a disk failed")                                        \
    X(TEMPFAIL, 75, "not now: the same command goes on later")                           \
    X(NOPERM, 77, "the key, or a right to a file, is refused")                           \
    X(CONFIG, 78, "the configuration is wrong")

enum err_code {
#define X(name, exit_status, text) ERR_##name,
    ERR_CODES(X)
#undef X
};

#define ERR_TEXT_MAX 1024 /* bytes with the NUL; longer texts are cut */

struct err {
    enum err_code code;
    char text[ERR_TEXT_MAX];
};

/* Always returns -1, so that `return err_set(...)` reads well. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "<prefix>: " before the text; keeps the code. Always returns -1. */
int err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

int err_exit_status(enum err_code code);

#endif
