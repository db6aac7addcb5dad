// The AXI4-Lite slave keeps the rules of AXI: an answer stays until it is taken, there is one for each access and none
// without, and no access waits for anything but the answer before it. The master may do what AXI allows it.
module formal_control_registers (
    input wire clk,
    input wire resetn,
    input wire [12:0] awaddr,
    input wire awvalid,
    input wire [31:0] wdata,
    input wire wvalid,
    input wire bready,
    input wire [12:0] araddr,
    input wire arvalid,
    input wire rready,
    input wire running,
    input wire run_ends,
    input wire [2:0] cycle_class,
    input wire header_accepted,
    input wire output_transferred,
    input wire output_last_of_run
);
  wire awready, wready, bvalid, arready, rvalid, interrupt, start;
  wire [1:0] bresp, rresp;
  wire [31:0] rdata;
  control_registers registers (
      .clk(clk), .resetn(resetn),
      .s_awaddr(awaddr), .s_awvalid(awvalid), .s_awready(awready), .s_wdata(wdata), .s_wvalid(wvalid), .s_wready(wready),
      .s_bresp(bresp), .s_bvalid(bvalid), .s_bready(bready), .s_araddr(araddr), .s_arvalid(arvalid), .s_arready(arready),
      .s_rdata(rdata), .s_rresp(rresp), .s_rvalid(rvalid), .s_rready(rready),
      .interrupt(interrupt), .start(start), .running(running), .run_ends(run_ends), .cycle_class(cycle_class),
      .header_accepted(header_accepted), .output_transferred(output_transferred), .output_last_of_run(output_last_of_run),
      .stream_error(1'b0),
      .load_target(), .load_begin(), .load_address(), .descriptor_count(), .sequence_mode(), .output_kind(), .output_steps(),
      .input_chunks(), .input_one_hot(), .input_slots(), .packet_vectors(), .descriptor_write(), .descriptor_index(),
      .descriptor_field(), .descriptor_data()
  );

  // Answers that are due: at most one of each kind.
  reg write_due, read_due;
  reg past_bvalid, past_bready, past_rvalid, past_rready, past_interrupt, past_resetn;
  reg [31:0] past_rdata;
  reg past_awvalid, past_awready, past_wvalid, past_wready, past_arvalid, past_arready;
  reg [12:0] past_awaddr, past_araddr;
  reg [31:0] past_wdata;
  reg past_finish; // something that may end an interrupt: a write, or reset
  wire writes = awvalid && awready;
  always @(posedge clk) begin
    past_resetn <= resetn;
    {past_awvalid, past_awready, past_awaddr} <= {awvalid, awready, awaddr};
    {past_wvalid, past_wready, past_wdata} <= {wvalid, wready, wdata};
    {past_arvalid, past_arready, past_araddr} <= {arvalid, arready, araddr};
    {past_bvalid, past_bready} <= {bvalid, bready};
    {past_rvalid, past_rready, past_rdata} <= {rvalid, rready, rdata};
    past_interrupt <= interrupt;
    past_finish <= writes;
    write_due <= resetn && (writes || (write_due && !bready));
    read_due <= resetn && ((arvalid && arready) || (read_due && !rready));
  end

  reg past_reset = 1'b0;
  always @(posedge clk) past_reset <= 1'b1;
  always @(*) begin
    assume (past_reset || !resetn);
    if (past_reset && past_resetn && resetn) begin
      // the master's side of AXI
      assume (!past_awvalid || past_awready || (awvalid && awaddr == past_awaddr));
      assume (!past_wvalid || past_wready || (wvalid && wdata == past_wdata));
      assume (!past_arvalid || past_arready || (arvalid && araddr == past_araddr));
      // the slave's
      assert (bvalid == write_due);
      assert (rvalid == read_due);
      assert (!past_bvalid || past_bready || bvalid);
      assert (!past_rvalid || past_rready || (rvalid && rdata == past_rdata));
      assert (awready == wready && (!awready || (awvalid && wvalid)));
      assert (awready || past_awready || (past_bvalid && !past_bready) || !past_awvalid || !past_wvalid);
      assert (arready || rvalid);
      assert (bresp == 2'b00 && rresp == 2'b00);
      // an interrupt stays until software ends it
      assert (!past_interrupt || interrupt || past_finish);
      assert (!start || writes);
    end
  end
endmodule
