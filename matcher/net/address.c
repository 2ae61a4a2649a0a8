#include "net/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>

#include "base/text.h"

#include "base/banned.h"

enum { HOST_BYTES = 256 };

/* Cuts "host:port" or "[host]:port" into its halves; false for any other form. */
static bool split(const char *text, char host[HOST_BYTES], struct str *port)
{
    const char *colon = strrchr(text, ':');
    if (!colon || colon == text)
        return false;
    const char *begin = text;
    const char *end = colon;
    bool bracketed = *begin == '[' && end[-1] == ']';
    if (bracketed) {
        begin++;
        end--;
    } else if (memchr(begin, ':', (size_t)(end - begin)) ||
               memchr(begin, '[', (size_t)(end - begin))) {
        return false; /* a v6 address needs its brackets */
    }
    size_t length = (size_t)(end - begin);
    if (length == 0 || length >= HOST_BYTES)
        return false;
    memcpy(host, begin, length);
    host[length] = '\0';
    *port = str_of(colon + 1);
    return true;
}

bool address_parse(const char *text, struct sockaddr_storage *out, struct error *error)
{
    char host[HOST_BYTES];
    struct str port_text;
    int64_t port;
    if (!split(text, host, &port_text))
        return error_set(error, ERROR_INVALID_ARGUMENT, "address '%s': not host:port", text);
    if (!text_to_int64(port_text, &port) || port < 0 || port > 65535)
        return error_set(error, ERROR_INVALID_ARGUMENT, "address '%s': port not 0..65535", text);
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    const struct addrinfo numeric = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    int failed = getaddrinfo(host, NULL, &numeric, &found);
    if (failed)
        failed = getaddrinfo(host, NULL, &hints, &found);
    if (failed)
        return error_set(error, ERROR_INVALID_ARGUMENT, "address '%s': %s", text,
                         gai_strerror(failed));
    memset(out, 0, sizeof *out);
    memcpy(out, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    if (out->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)out)->sin6_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in *)out)->sin_port = htons((uint16_t)port);
    return true;
}

void address_format(const struct sockaddr_storage *address, char out[ADDRESS_TEXT_BYTES])
{
    char host[INET6_ADDRSTRLEN + 1] = "";
    out[0] = '\0';
    if (address->ss_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, host, sizeof host);
        snprintf(out, ADDRESS_TEXT_BYTES, "%s:%u", host, address_port(address));
    } else if (address->ss_family == AF_INET6) {
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, host, sizeof host);
        snprintf(out, ADDRESS_TEXT_BYTES, "[%s]:%u", host, address_port(address));
    }
}

uint16_t address_port(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
    return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

uint64_t address_network(const struct sockaddr_storage *address)
{
    if (address->ss_family != AF_INET6)
        return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr);
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
    bool is_mapped = IN6_IS_ADDR_V4MAPPED(v6);
    uint64_t network = 0;
    for (size_t i = is_mapped ? 12 : 0; i < (is_mapped ? 16 : 8); i++)
        network = network << 8 | v6->s6_addr[i];
    return network;
}
