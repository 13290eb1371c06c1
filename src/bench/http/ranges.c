/*
 * A load client for one file over HTTP/1.1 on loopback: keeps connections busy with GETs of the whole file, or of ranges of
 * one length at random offsets, one request at a time on each. One thread, epoll. Prints one line of JSON.
 *
 *   ranges -p PORT -u PATH -f FILE_BYTES [-r RANGE_BYTES] [-c CONNECTIONS] [-w WARM_SECONDS] [-d SECONDS] [-P PID] [-C]
 *
 * Bodies are discarded in the kernel (MSG_TRUNC), so that the client costs little; -C copies them, as a real client does.
 * With -P, the CPU time of that process while it is measured is told too. Any answer but a 200, or a 206 of the length that
 * was asked for, ends it with an error, as does a connection that breaks.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEAD 8192
#define BUFFER ((size_t)4 << 20)
#define EVENTS 256
/* Reads on one connection before the others get their turn. */
#define TURN 16

struct connection {
  int fd;
  int in_body;
  int head_length;
  char head[HEAD];
  long long left;
  double asked_at;
};

static int port;
static const char *path = "/";
static long long file_bytes, range_bytes;
static int connections = 8, copies;
static double warm_seconds = 0.5, seconds = 3;
static int pid;

static double *latencies;
static size_t latency_count, latency_room;

static void fail(const char *what) {
  fprintf(stderr, "ranges: %s: %s\n", what, errno ? strerror(errno) : "unexpected");
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

/* The same offsets in each run: every server is asked for the same. */
static uint64_t next_random(void) {
  static uint64_t state = 88172645463325252ULL;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static void note_latency(double took) {
  if (latency_count == latency_room) {
    latency_room = latency_room ? latency_room * 2 : 1 << 16;
    latencies = realloc(latencies, latency_room * sizeof *latencies);
    if (!latencies) fail("out of memory");
  }
  latencies[latency_count++] = took;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double percentile(double p) {
  return latency_count ? latencies[(size_t)(p * (latency_count - 1))] : 0;
}

/* User and system seconds of the server so far; 0 without -P. */
static double cpu_seconds(void) {
  if (!pid) return 0;
  char name[64], text[2048];
  snprintf(name, sizeof name, "/proc/%d/stat", pid);
  FILE *stat = fopen(name, "r");
  if (!stat) fail(name);
  size_t length = fread(text, 1, sizeof text - 1, stat);
  fclose(stat);
  text[length] = 0;
  /* The command's name, which may hold anything, ends at the last parenthesis. */
  char *rest = strrchr(text, ')');
  unsigned long user, system;
  if (!rest
      || sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
    fail(name);
  return (double)(user + system) / sysconf(_SC_CLK_TCK);
}

static void ask(struct connection *c) {
  char request[1024];
  int length;
  if (range_bytes > 0) {
    long long first = next_random() % (uint64_t)(file_bytes - range_bytes + 1);
    length = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: localhost\r\nRange: bytes=%lld-%lld\r\n\r\n", path, first, first + range_bytes - 1);
  } else {
    length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
  }
  c->in_body = 0;
  c->head_length = 0;
  c->asked_at = now();
  errno = 0;
  if (send(c->fd, request, length, MSG_NOSIGNAL) != length) fail("send");
}

static void open_connection(struct connection *c, int epoll) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int one = 1;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (c->fd < 0 || connect(c->fd, (void *)&to, sizeof to)) fail("connect");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event)) fail("epoll_ctl");
  ask(c);
}

/* Takes a head off the socket, and nothing of the body. Returns whether it is whole. */
static int read_head(struct connection *c) {
  char *at = c->head + c->head_length;
  ssize_t got = recv(c->fd, at, HEAD - 1 - c->head_length, MSG_PEEK);
  if (got < 0 && errno == EAGAIN) return 0;
  if (got <= 0) fail("a connection broke");
  at[got] = 0;
  char *end = strstr(c->head, "\r\n\r\n");
  ssize_t ours = end ? end + 4 - at : got;
  if (recv(c->fd, at, ours, 0) != ours) fail("recv");
  c->head_length += ours;
  if (!end) {
    if (c->head_length >= HEAD - 1) fail("a head is too long");
    return 0;
  }
  end[2] = 0;
  char *length = strcasestr(c->head, "\r\nContent-Length:");
  if (atoi(c->head + strlen("HTTP/1.1 ")) != (range_bytes > 0 ? 206 : 200) || !length) {
    fprintf(stderr, "ranges: expected a body of known length, got\n%s", c->head);
    exit(1);
  }
  c->left = atoll(length + strlen("\r\nContent-Length:"));
  if (c->left != (range_bytes > 0 ? range_bytes : file_bytes)) fail("a body has another length than was asked for");
  c->in_body = 1;
  return 1;
}

static void parse(int count, char **words) {
  int option;
  while ((option = getopt(count, words, "p:u:f:r:c:w:d:P:C")) != -1) switch (option) {
    case 'p': port = atoi(optarg); break;
    case 'u': path = optarg; break;
    case 'f': file_bytes = atoll(optarg); break;
    case 'r': range_bytes = atoll(optarg); break;
    case 'c': connections = atoi(optarg); break;
    case 'w': warm_seconds = atof(optarg); break;
    case 'd': seconds = atof(optarg); break;
    case 'P': pid = atoi(optarg); break;
    case 'C': copies = 1; break;
    default: exit(2);
  }
  if (!port || file_bytes < 1 || range_bytes > file_bytes || connections < 1) {
    fprintf(stderr, "ranges: see the top of ranges.c\n");
    exit(2);
  }
}

int main(int count, char **words) {
  parse(count, words);
  char *buffer = malloc(BUFFER);
  struct connection *all = calloc(connections, sizeof *all);
  int epoll = epoll_create1(0);
  if (!buffer || !all || epoll < 0) fail("start");
  for (int i = 0; i < connections; i++) open_connection(all + i, epoll);

  double start = now() + warm_seconds, end = start + seconds, cpu = 0, at;
  int measuring = 0;
  long long bytes = 0, requests = 0;
  struct epoll_event events[EVENTS];
  while ((at = now()) < end) {
    if (!measuring && at >= start) {
      measuring = 1;
      bytes = requests = 0;
      latency_count = 0;
      cpu = cpu_seconds();
      start = now();
      end = start + seconds;
    }
    int ready = epoll_wait(epoll, events, EVENTS, 100);
    for (int i = 0; i < ready; i++) {
      struct connection *c = events[i].data.ptr;
      for (int turn = 0; turn < TURN; turn++) {
        errno = 0;
        if (!c->in_body && !read_head(c)) break;
        size_t want = c->left < (long long)BUFFER ? (size_t)c->left : BUFFER;
        ssize_t got = recv(c->fd, buffer, want, copies ? 0 : MSG_TRUNC);
        if (got < 0 && errno == EAGAIN) break;
        if (got <= 0) fail("a connection broke");
        bytes += got;
        c->left -= got;
        if (c->left == 0) {
          requests++;
          note_latency(now() - c->asked_at);
          ask(c);
          break;
        }
      }
    }
  }
  double took = now() - start;
  cpu = cpu_seconds() - cpu;
  qsort(latencies, latency_count, sizeof *latencies, by_size);
  printf("{\"bytes\": %lld, \"requests\": %lld, \"seconds\": %.6f, \"cpu\": %.3f, \"p50us\": %.1f, \"p99us\": %.1f}\n",
      bytes, requests, took, cpu, percentile(0.5) * 1e6, percentile(0.99) * 1e6);
  return 0;
}
