// gRPC's interoperability cases for servers, from Debian's grpc-go: see ../test_interop.py.
//
// Usage: go_client ADDRESS. Prints a line a case, "ok <case>" or "FAIL <case>: why".
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	pb "google.golang.org/grpc/test/grpc_testing"
)

const special = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"

var (
	connection *grpc.ClientConn
	service    pb.TestServiceClient
)

func payload(size int) *pb.Payload { return &pb.Payload{Body: make([]byte, size)} }

func sizes(values ...int32) (list []*pb.ResponseParameters) {
	for _, value := range values {
		list = append(list, &pb.ResponseParameters{Size: value})
	}
	return list
}

// Debian's copy of the messages is older than response_status = 7, so it is written by hand.
func statusField(code byte, message string) []byte {
	inner := append([]byte{0x08, code, 0x12, byte(len(message))}, message...)
	return append([]byte{0x3a, byte(len(inner))}, inner...)
}

func expect(err error, code codes.Code, message string) error {
	if got := status.Convert(err); got.Code() != code || (message != "" && got.Message() != message) {
		return fmt.Errorf("got %v %q, not %v %q", got.Code(), got.Message(), code, message)
	}
	return nil
}

func expectBody(got *pb.Payload, size int) error {
	if !bytes.Equal(got.GetBody(), make([]byte, size)) {
		return fmt.Errorf("a payload of %d bytes, not %d zeros", len(got.GetBody()), size)
	}
	return nil
}

func emptyUnary(ctx context.Context) error {
	_, err := service.EmptyCall(ctx, &pb.Empty{})
	return err
}

func largeUnary(ctx context.Context) error {
	answer, err := service.UnaryCall(ctx, &pb.SimpleRequest{ResponseSize: 314159, Payload: payload(271828)})
	if err != nil {
		return err
	}
	return expectBody(answer.GetPayload(), 314159)
}

func clientStreaming(ctx context.Context) error {
	call, err := service.StreamingInputCall(ctx)
	if err != nil {
		return err
	}
	for _, size := range []int{27182, 8, 1828, 45904} {
		if err := call.Send(&pb.StreamingInputCallRequest{Payload: payload(size)}); err != nil {
			return err
		}
	}
	answer, err := call.CloseAndRecv()
	if err == nil && answer.GetAggregatedPayloadSize() != 74922 {
		err = fmt.Errorf("aggregated %d bytes, not 74922", answer.GetAggregatedPayloadSize())
	}
	return err
}

func serverStreaming(ctx context.Context) error {
	wanted := []int32{31415, 9, 2653, 58979}
	call, err := service.StreamingOutputCall(ctx,
		&pb.StreamingOutputCallRequest{ResponseParameters: sizes(wanted...)})
	if err != nil {
		return err
	}
	for _, size := range wanted {
		answer, err := call.Recv()
		if err == nil {
			err = expectBody(answer.GetPayload(), int(size))
		}
		if err != nil {
			return err
		}
	}
	return expectEnd(call.Recv())
}

func expectEnd(_ *pb.StreamingOutputCallResponse, err error) error {
	if err != io.EOF {
		return fmt.Errorf("the stream goes on: %v", err)
	}
	return nil
}

func pingPong(ctx context.Context) error {
	call, err := service.FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	for _, turn := range [][2]int{{31415, 27182}, {9, 8}, {2653, 1828}, {58979, 45904}} {
		if err := turnAround(call, turn[0], turn[1]); err != nil {
			return err
		}
	}
	if err := call.CloseSend(); err != nil {
		return err
	}
	return expectEnd(call.Recv())
}

func turnAround(call pb.TestService_FullDuplexCallClient, response, request int) error {
	err := call.Send(&pb.StreamingOutputCallRequest{
		ResponseParameters: sizes(int32(response)), Payload: payload(request)})
	if err != nil {
		return err
	}
	answer, err := call.Recv()
	if err != nil {
		return err
	}
	return expectBody(answer.GetPayload(), response)
}

func emptyStream(ctx context.Context) error {
	call, err := service.FullDuplexCall(ctx)
	if err == nil {
		err = call.CloseSend()
	}
	if err != nil {
		return err
	}
	return expectEnd(call.Recv())
}

func cancelAfterBegin(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	call, err := service.StreamingInputCall(ctx)
	cancel()
	if err != nil {
		return err
	}
	_, err = call.CloseAndRecv()
	return expect(err, codes.Canceled, "")
}

func cancelAfterFirstResponse(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	call, err := service.FullDuplexCall(ctx)
	if err == nil {
		err = turnAround(call, 31415, 27182)
	}
	if err != nil {
		return err
	}
	cancel()
	_, err = call.Recv()
	return expect(err, codes.Canceled, "")
}

func timeoutOnSleepingServer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	call, err := service.FullDuplexCall(ctx)
	if err == nil {
		call.Send(&pb.StreamingOutputCallRequest{Payload: payload(27182)}) // may be too late already
		_, err = call.Recv()
	}
	return expect(err, codes.DeadlineExceeded, "")
}

func statusCodeAndMessage(ctx context.Context) error {
	const message = "test status message"
	_, err := service.UnaryCall(ctx, &pb.SimpleRequest{XXX_unrecognized: statusField(2, message)})
	if err := expect(err, codes.Unknown, message); err != nil {
		return err
	}
	call, err := service.FullDuplexCall(ctx)
	if err == nil {
		err = call.Send(&pb.StreamingOutputCallRequest{XXX_unrecognized: statusField(2, message)})
	}
	if err != nil {
		return err
	}
	_, err = call.Recv()
	return expect(err, codes.Unknown, message)
}

func specialStatusMessage(ctx context.Context) error {
	_, err := service.UnaryCall(ctx, &pb.SimpleRequest{XXX_unrecognized: statusField(2, special)})
	return expect(err, codes.Unknown, special)
}

func unimplementedMethod(ctx context.Context) error {
	err := connection.Invoke(ctx, "/grpc.testing.TestService/UnimplementedCall", &pb.Empty{}, &pb.Empty{})
	return expect(err, codes.Unimplemented, "")
}

func unimplementedService(ctx context.Context) error {
	err := connection.Invoke(ctx, "/grpc.testing.UnimplementedService/UnimplementedCall", &pb.Empty{}, &pb.Empty{})
	return expect(err, codes.Unimplemented, "")
}

func expectEcho(initial, trailing metadata.MD) error {
	first, last := initial["x-grpc-test-echo-initial"], trailing["x-grpc-test-echo-trailing-bin"]
	if len(first) != 1 || first[0] != "test_initial_metadata_value" {
		return fmt.Errorf("initial metadata %q", initial)
	}
	if len(last) != 1 || last[0] != "\xab\xab\xab" {
		return fmt.Errorf("trailing metadata %q", trailing)
	}
	return nil
}

func customMetadata(ctx context.Context) error {
	ctx = metadata.AppendToOutgoingContext(ctx, "x-grpc-test-echo-initial", "test_initial_metadata_value",
		"x-grpc-test-echo-trailing-bin", "\xab\xab\xab")
	var initial, trailing metadata.MD
	_, err := service.UnaryCall(ctx, &pb.SimpleRequest{ResponseSize: 314159, Payload: payload(271828)},
		grpc.Header(&initial), grpc.Trailer(&trailing))
	if err == nil {
		err = expectEcho(initial, trailing)
	}
	if err != nil {
		return err
	}
	call, err := service.FullDuplexCall(ctx)
	if err == nil {
		err = turnAround(call, 314159, 271828)
	}
	if err == nil {
		err = call.CloseSend()
	}
	if err == nil {
		err = expectEnd(call.Recv())
	}
	if err != nil {
		return err
	}
	if initial, err = call.Header(); err != nil {
		return err
	}
	return expectEcho(initial, call.Trailer())
}

func compressedMessageIsRefused(ctx context.Context) error {
	_, err := service.UnaryCall(ctx, &pb.SimpleRequest{Payload: payload(271828)}, grpc.UseCompressor(gzip.Name))
	if err := expect(err, codes.Unimplemented, ""); err != nil {
		return err
	}
	if !strings.Contains(status.Convert(err).Message(), "identity") {
		return fmt.Errorf("%v does not say what is supported", err)
	}
	return nil
}

func main() {
	var err error
	if connection, err = grpc.Dial(os.Args[1], grpc.WithInsecure()); err != nil {
		fmt.Println("FAIL dial:", err)
		os.Exit(1)
	}
	service = pb.NewTestServiceClient(connection)
	failed := false
	for _, test := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"empty_unary", emptyUnary}, {"large_unary", largeUnary}, {"client_streaming", clientStreaming},
		{"server_streaming", serverStreaming}, {"ping_pong", pingPong}, {"empty_stream", emptyStream},
		{"cancel_after_begin", cancelAfterBegin}, {"cancel_after_first_response", cancelAfterFirstResponse},
		{"timeout_on_sleeping_server", timeoutOnSleepingServer},
		{"status_code_and_message", statusCodeAndMessage}, {"special_status_message", specialStatusMessage},
		{"unimplemented_method", unimplementedMethod}, {"unimplemented_service", unimplementedService},
		{"custom_metadata", customMetadata}, {"compressed_message_is_refused", compressedMessageIsRefused},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		if err := test.run(ctx); err != nil {
			fmt.Printf("FAIL %s: %v\n", test.name, err)
			failed = true
		} else {
			fmt.Println("ok", test.name)
		}
		cancel()
	}
	if failed {
		os.Exit(1)
	}
}
