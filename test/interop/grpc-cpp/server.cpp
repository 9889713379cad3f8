// The echo service on gRPC's asynchronous server: one completion queue, one thread.
#include <grpcpp/grpcpp.h>
#include <cstdio>
#include <memory>
#include <string>
#include "echo.grpc.pb.h"

using Service = echo::EchoServer::AsyncService;

class Call {
 public:
  Call(Service* service, grpc::ServerCompletionQueue* queue) : service_(service), queue_(queue), writer_(&context_) {
    service_->RequestEcho(&context_, &request_, &writer_, queue_, queue_, this);
  }

  void proceed() {
    if (done_) {
      delete this;
      return;
    }
    new Call(service_, queue_);
    done_ = true;
    reply_.set_action(request_.action());
    reply_.set_msg(request_.msg());
    writer_.Finish(reply_, grpc::Status::OK, this);
  }

 private:
  Service* service_;
  grpc::ServerCompletionQueue* queue_;
  grpc::ServerContext context_;
  echo::Request request_;
  echo::Response reply_;
  grpc::ServerAsyncResponseWriter<echo::Response> writer_;
  bool done_ = false;
};

int main() {
  Service service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  auto queue = builder.AddCompletionQueue();
  auto server = builder.BuildAndStart();
  std::printf("listening on 127.0.0.1:%d\n", port);
  std::fflush(stdout);
  for (int waiting = 0; waiting < 256; waiting++) new Call(&service, queue.get());
  void* tag;
  bool ok;
  while (queue->Next(&tag, &ok)) {
    if (ok) static_cast<Call*>(tag)->proceed();
  }
}
