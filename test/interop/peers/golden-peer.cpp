// Apache Thrift's C++ as client or server of golden.Svc.
// usage: golden-peer client|server PORT binary|binary-nonstrict|compact framed|buffered [mux]
// The server is a TNonblockingServer over framed and a TThreadedServer over buffered.
#include <thrift/TApplicationException.h>
#include <thrift/concurrency/ThreadFactory.h>
#include <thrift/processor/TMultiplexedProcessor.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/protocol/TMultiplexedProtocol.h>
#include <thrift/server/TNonblockingServer.h>
#include <thrift/server/TThreadedServer.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TNonblockingServerSocket.h>
#include <thrift/transport/TServerSocket.h>
#include <thrift/transport/TSocket.h>

#include <cstring>
#include <functional>
#include <iostream>
#include <limits>

#include "Svc.h"

using namespace apache::thrift;
using namespace apache::thrift::protocol;
using namespace apache::thrift::server;
using namespace apache::thrift::transport;
using namespace golden;

class Handler : public SvcIf {
 public:
  void ping() override {}
  void fire(const std::string& what) override { std::cout << "fire " << what << std::endl; }
  void echo(std::string& out, const std::string& s) override {
    if (s == "crash") throw std::runtime_error("crash");
    out = s;
  }
  void many(Prims& out, const int32_t a, const Lists& l, const bool flag) override {
    if (a == 1) {
      Boom boom;
      boom.__set_code(-1);
      boom.__set_message("boom");
      throw boom;
    }
    if (a == 2) {
      Prims p;
      p.__set_i(1);
      Other other;
      other.__set_detail(Empty());
      other.__set_p(p);
      throw other;
    }
    int64_t longs = 0;
    double doubles = 0;
    std::string strings, bins;
    for (const auto x : l.longs) longs += x;
    for (const auto x : l.doubles) doubles += x;
    for (const auto& x : l.strings) strings += x;
    for (const auto& x : l.bins) bins += x;
    out.__set_t(flag);
    out.__set_i(a);
    out.__set_s(static_cast<int16_t>(l.ints.size()));
    out.__set_l(longs);
    out.__set_d(doubles);
    out.__set_str(strings);
    out.__set_bin(bins);
  }
  void nothing() override {}
  bool truth() override { return true; }
  void ids(std::vector<int64_t>& out, const Ids& ids) override { out.assign(ids.rbegin(), ids.rend()); }
  void pick(U& out, const U& u) override { out = u; }
};

static std::shared_ptr<TProtocolFactory> protocolFactory(const std::string& protocol) {
  if (protocol == "compact") return std::make_shared<TCompactProtocolFactory>();
  const bool strict = protocol != "binary-nonstrict";
  return std::make_shared<TBinaryProtocolFactory>(0, 0, false, strict);
}

static int serve(int port, const std::string& protocolName, bool framed, bool mux) {
  std::shared_ptr<TProcessor> processor = std::make_shared<SvcProcessor>(std::make_shared<Handler>());
  if (mux) {
    auto multiplexed = std::make_shared<TMultiplexedProcessor>();
    multiplexed->registerProcessor("Svc", processor);
    processor = multiplexed;
  }
  if (framed) {
    auto socket = std::make_shared<TNonblockingServerSocket>("127.0.0.1", port);
    TNonblockingServer(processor, protocolFactory(protocolName), socket).serve();
  } else {
    auto socket = std::make_shared<TServerSocket>("127.0.0.1", port);
    TThreadedServer(processor, socket, std::make_shared<TBufferedTransportFactory>(), protocolFactory(protocolName)).serve();
  }
  return 0;
}

static int passed = 0, failed = 0;

static void check(const char* name, const std::function<bool()>& run) {
  std::string why = "a wrong answer";
  bool good = false;
  try {
    good = run();
  } catch (const std::exception& e) {
    why = e.what();
  }
  if (good) {
    passed++;
  } else {
    failed++;
    std::cout << "FAIL " << name << ": " << why << std::endl;
  }
}

template <class E>
static bool raises(const std::function<void()>& run, const std::function<bool(const E&)>& expected) {
  try {
    run();
  } catch (const E& e) {
    return expected(e);
  }
  return false;
}

static bool unknownMethod(TProtocol& protocol) {
  protocol.writeMessageBegin("noSuch", T_CALL, 99);
  Empty().write(&protocol);
  protocol.writeMessageEnd();
  protocol.getTransport()->writeEnd();
  protocol.getTransport()->flush();
  std::string name;
  TMessageType type;
  int32_t seqid;
  protocol.readMessageBegin(name, type, seqid);
  TApplicationException x;
  x.read(&protocol);
  protocol.readMessageEnd();
  protocol.getTransport()->readEnd();
  return type == T_EXCEPTION && seqid == 99 && x.getType() == TApplicationException::UNKNOWN_METHOD;
}

static bool echoUnion(SvcClient& client, const std::function<void(U&)>& set) {
  U sent, got;
  set(sent);
  client.pick(got, sent);
  return got == sent;
}

static bool echoIds(SvcClient& client, const Ids& ids) {
  std::vector<int64_t> got;
  client.ids(got, ids);
  return got == std::vector<int64_t>(ids.rbegin(), ids.rend());
}

static int call(int port, const std::string& protocolName, bool framed, bool mux) {
  auto socket = std::make_shared<TSocket>("127.0.0.1", port);
  socket->setRecvTimeout(10000);
  socket->setSendTimeout(10000);
  std::shared_ptr<TTransport> transport;
  if (framed) transport = std::make_shared<TFramedTransport>(socket);
  else transport = std::make_shared<TBufferedTransport>(socket);
  transport->open();
  auto bare = protocolFactory(protocolName)->getProtocol(transport);
  std::shared_ptr<TProtocol> protocol = bare;
  if (mux) protocol = std::make_shared<TMultiplexedProtocol>(bare, "Svc");
  SvcClient client(protocol);

  check("ping", [&] { client.ping(); return true; });
  check("truth", [&] { return client.truth(); });
  check("nothing", [&] { client.nothing(); return true; });
  check("fire", [&] { client.fire("now"); return true; });
  for (const std::string& s : {std::string(), std::string("hi"), std::string("h\u00e9llo \u4e16\u754c \U0001f600"),
                               std::string(200000, 'x')})
    check("echo", [&] { std::string got; client.echo(got, s); return got == s; });
  Ids thousand;
  for (int64_t i = -500; i < 500; i++) thousand.push_back(i);
  const int64_t most = std::numeric_limits<int64_t>::max(), least = std::numeric_limits<int64_t>::min();
  for (const Ids& ids : {Ids{}, Ids{0}, Ids{1, -1, most, least, (int64_t(1) << 53) + 1}, thousand})
    check("ids", [&] { return echoIds(client, ids); });
  check("pick n", [&] { return echoUnion(client, [](U& u) { u.__set_n(-1); }); });
  check("pick s", [&] { return echoUnion(client, [](U& u) { u.__set_s(""); }); });
  check("pick l", [&] { return echoUnion(client, [](U& u) { u.__set_l({1, 2, 3}); }); });
  check("pick e", [&] { return echoUnion(client, [](U& u) { u.__set_e(Empty()); }); });
  check("pick b", [&] { return echoUnion(client, [](U& u) { u.__set_b(false); }); });
  check("pick d", [&] { return echoUnion(client, [](U& u) { u.__set_d(0.5); }); });
  check("pick raw", [&] { return echoUnion(client, [](U& u) { u.__set_raw(std::string("\0\xff", 2)); }); });
  check("pick p", [&] {
    return echoUnion(client, [&](U& u) {
      Prims p;
      p.__set_l(least);
      p.__set_bin("\x80");
      u.__set_p(p);
    });
  });
  Lists lists;
  lists.__set_bools({true, false});
  std::vector<int32_t> ints;
  for (int32_t i = 0; i < 20; i++) ints.push_back(i);
  lists.__set_ints(ints);
  lists.__set_longs({1, -2, int64_t(1) << 40});
  lists.__set_doubles({0.5, 0.25});
  lists.__set_strings({"a", "\u00e9"});
  lists.__set_bins({std::string("\0", 1), "\xff"});
  lists.__set_empties({Empty(), Empty(), Empty()});
  lists.__set_nested({{}, {1}});
  check("many", [&] {
    Prims got;
    client.many(got, -7, lists, true);
    return got.t && got.i == -7 && got.s == 20 && got.l == (int64_t(1) << 40) - 1 && got.d == 0.75 &&
           got.str == "a\u00e9" && got.bin == std::string("\0\xff", 2);
  });
  Prims unused;
  check("boom", [&] {
    return raises<Boom>([&] { client.many(unused, 1, lists, false); },
                        [](const Boom& e) { return e.code == -1 && e.message == "boom"; });
  });
  check("other", [&] {
    return raises<Other>([&] { client.many(unused, 2, lists, false); }, [](const Other& e) { return e.p.i == 1; });
  });
  check("crash", [&] {
    std::string got;
    return raises<TApplicationException>([&] { client.echo(got, "crash"); }, [](const TApplicationException& e) {
      return e.getType() == TApplicationException::INTERNAL_ERROR;
    });
  });
  check("unknown method", [&] { return unknownMethod(*protocol); });
  check("still alive", [&] { std::string got; client.echo(got, "alive"); return got == "alive"; });
  check("pipelined", [&] {
    for (const char* s : {"a", "b", "c"}) client.send_echo(s);
    std::string a, b, c;
    client.recv_echo(a);
    client.recv_echo(b);
    client.recv_echo(c);
    return a == "a" && b == "b" && c == "c";
  });
  transport->close();
  std::cout << passed << " passed, " << failed << " failed" << std::endl;
  return failed > 0 ? 1 : 0;
}

int main(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: golden-peer client|server PORT binary|binary-nonstrict|compact framed|buffered [mux]" << std::endl;
    return 2;
  }
  const int port = std::atoi(argv[2]);
  const std::string protocol = argv[3];
  const bool framed = std::strcmp(argv[4], "framed") == 0;
  const bool mux = argc > 5 && std::strcmp(argv[5], "mux") == 0;
  try {
    return std::strcmp(argv[1], "server") == 0 ? serve(port, protocol, framed, mux) : call(port, protocol, framed, mux);
  } catch (const std::exception& e) {
    std::cerr << "FAIL " << e.what() << std::endl;
    return 2;
  }
}
