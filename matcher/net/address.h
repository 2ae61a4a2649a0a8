/* "host:port" as people write it. Thread: any. */
#ifndef HAIHE_NET_ADDRESS_H
#define HAIHE_NET_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/str.h"

/* Room for "[" v6 address "%" zone "]:" port and a NUL. */
enum { ADDRESS_TEXT_BYTES = 80 };

/* "127.0.0.1:80", "[::1]:80", "localhost:80"; the port is required, 0..65535. A name is looked up,
 * which may wait. False and an error that quotes the text otherwise. */
bool address_parse(const char *text, struct sockaddr_storage *out, struct error *error);
/* The inverse, always numeric; "" for a family that is not IP. */
void address_format(const struct sockaddr_storage *address, char out[ADDRESS_TEXT_BYTES]);
uint16_t address_port(const struct sockaddr_storage *address);
/* What one owner has: an IPv4 address (also when mapped into IPv6), or the upper 64 bits of an IPv6
 * address. The two cannot meet: no IPv6 network begins with 32 bits of zero, but for the loopback,
 * which is 0. */
uint64_t address_network(const struct sockaddr_storage *address);

#endif
