// A server of the gRPC interop list's cases with compressed messages, on gRPC C++: it sees what came compressed, and chooses
// for each message of a stream. The one argument is the port.
#include <grpcpp/grpcpp.h>
#include <cstdint>
#include <string>
#include "grpc/testing/test.grpc.pb.h"

// Exported for the interop programs of the gRPC authors, and in no header.
uint32_t grpc_call_test_only_get_message_flags(grpc_call* call);

namespace {

using namespace grpc::testing;

constexpr uint32_t came_compressed = 0x40000000u;

bool is_as_expected(grpc::ServerContext* context, bool says, const BoolValue& expected) {
  if (!says) return true;
  const uint32_t flags = grpc_call_test_only_get_message_flags(context->c_call());
  return ((flags & came_compressed) != 0) == expected.value();
}

const grpc::Status unexpected(grpc::StatusCode::INVALID_ARGUMENT, "the message is not as expected");

class Service final : public TestService::Service {
  grpc::Status UnaryCall(grpc::ServerContext* context, const SimpleRequest* request, SimpleResponse* reply) override {
    if (!is_as_expected(context, request->has_expect_compressed(), request->expect_compressed())) return unexpected;
    context->set_compression_algorithm(request->response_compressed().value() ? GRPC_COMPRESS_GZIP : GRPC_COMPRESS_NONE);
    reply->mutable_payload()->set_body(std::string(request->response_size(), '\0'));
    return grpc::Status::OK;
  }

  grpc::Status StreamingInputCall(grpc::ServerContext* context, grpc::ServerReader<StreamingInputCallRequest>* reader,
                                  StreamingInputCallResponse* reply) override {
    StreamingInputCallRequest request;
    size_t size = 0;
    while (reader->Read(&request)) {
      if (!is_as_expected(context, request.has_expect_compressed(), request.expect_compressed())) return unexpected;
      size += request.payload().body().size();
    }
    reply->set_aggregated_payload_size(static_cast<int32_t>(size));
    return grpc::Status::OK;
  }

  grpc::Status StreamingOutputCall(grpc::ServerContext* context, const StreamingOutputCallRequest* request,
                                   grpc::ServerWriter<StreamingOutputCallResponse>* writer) override {
    context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
    for (const ResponseParameters& parameters : request->response_parameters()) {
      StreamingOutputCallResponse reply;
      reply.mutable_payload()->set_body(std::string(parameters.size(), '\0'));
      grpc::WriteOptions options;
      if (!parameters.compressed().value()) options.set_no_compression();
      if (!writer->Write(reply, options)) break;
    }
    return grpc::Status::OK;
  }
};

}  // namespace

int main(int, char** argv) {
  Service service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(std::string("127.0.0.1:") + argv[1], grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  builder.BuildAndStart()->Wait();
}
