#include "net/reach.h"

#include <curl/curl.h>

#include "base/mem.h"

#define SET(option, value)                                                               \
    do {                                                                                 \
        if (rc == CURLE_OK)                                                              \
            rc = curl_easy_setopt(easy, CURLOPT_##option, value);                        \
    } while (0)

/* The checks of transfer.c, and no request. */
static CURLcode set_up(CURL *easy, const struct net_options *o, char *error)
{
    CURLcode rc = CURLE_OK;
    SET(URL, o->base_url);
    SET(ERRORBUFFER, error);
    SET(CONNECT_ONLY, 1L);
    SET(NOSIGNAL, 1L);
    SET(CONNECTTIMEOUT_MS, (long)o->connect_timeout_ms);
    SET(TIMEOUT_MS, (long)o->connect_timeout_ms);
    SET(PROXY, "");
    SET(NETRC, (long)CURL_NETRC_IGNORED);
    SET(DISALLOW_USERNAME_IN_URL, 1L);
    SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(SSL_VERIFYPEER, 1L);
    SET(SSL_VERIFYHOST, 2L);
    if (o->ca_file) {
        SET(CAINFO, o->ca_file);
        SET(CAPATH, NULL);
    }
    return rc;
}

static int64_t time_taken(CURL *easy)
{
    curl_off_t tcp = 0, tls = 0;
    curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &tcp);
    curl_easy_getinfo(easy, CURLINFO_APPCONNECT_TIME_T, &tls);
    return (tls > tcp ? tls : tcp) / 1000;
}

int net_reach(const struct net_options *options, int64_t *took_ms, struct err *err)
{
    char error[CURL_ERROR_SIZE] = "";
    CURL *easy = curl_easy_init();
    if (!easy)
        mem_gone();
    CURLcode rc = set_up(easy, options, error);
    if (rc == CURLE_OK)
        rc = curl_easy_perform(easy);
    *took_ms = time_taken(easy);
    curl_easy_cleanup(easy);
    if (rc == CURLE_OK)
        return 0;
    return err_set(err, ERR_UNAVAILABLE, "%s: %s (%d)", options->base_url,
                   error[0] ? error : curl_easy_strerror(rc), (int)rc);
}
