// Four states: registers and memories are unknown (x) until something writes them. After the reset the handshakes of the core
// must be known in every cycle. A layer of one unit runs over two steps without any load: its values are unknown, and yet
// each beat, TLAST and the interrupt come. Then a start is refused, and a reset in the middle of a run leaves nothing
// unknown. Prints "four states: passed" at the end.
`timescale 1ns / 1ns
module four_states;
  reg aclk = 1'b0, aresetn = 1'b0;
  always #5 aclk = ~aclk;
  reg [63:0] s_tdata;
  reg s_tvalid = 1'b0;
  wire s_tready;
  wire [63:0] m_tdata;
  wire m_tvalid, m_tlast;
  reg [12:0] awaddr, araddr;
  reg [31:0] wdata;
  reg awvalid = 1'b0, arvalid = 1'b0;
  wire awready, wready, bvalid, arready, rvalid, irq;
  wire [1:0] bresp, rresp;
  wire [31:0] rdata;
  bru_top #(
      .LANES(4), .LANE_WIDTH(2), .UPDATE_WIDTH(1), .ACTIVATION_BITS(8), .LUT_ADDRESS_BITS(6), .CELL_KINDS(2), .WEIGHT_WORDS(16),
      .SCALE_WORDS(16), .BIAS_WORDS(16), .STATE_WORDS(16), .CELL_WORDS(16), .INPUT_WORDS(4), .OUTPUT_FIFO_BEATS(4)
  ) core (
      .aclk(aclk), .aresetn(aresetn), .s_axis_tdata(s_tdata), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready),
      .s_axis_tlast(1'b0), .m_axis_tdata(m_tdata), .m_axis_tvalid(m_tvalid), .m_axis_tready(1'b1), .m_axis_tlast(m_tlast),
      .s_axi_awaddr(awaddr), .s_axi_awvalid(awvalid), .s_axi_awready(awready), .s_axi_wdata(wdata), .s_axi_wvalid(awvalid),
      .s_axi_wready(wready), .s_axi_bresp(bresp), .s_axi_bvalid(bvalid), .s_axi_bready(1'b1), .s_axi_araddr(araddr),
      .s_axi_arvalid(arvalid), .s_axi_arready(arready), .s_axi_rdata(rdata), .s_axi_rresp(rresp), .s_axi_rvalid(rvalid),
      .s_axi_rready(1'b1), .irq(irq)
  );

  task fail(input [8*40-1:0] what);
    begin
      $display("four states: %0s in cycle %0d", what, $time / 10);
      $finish;
    end
  endtask

  // Every cycle after the reset.
  integer beats = 0, packets = 0;
  reg checks = 1'b0;
  always @(negedge aclk)
    if (checks) begin
      if ((^{s_tready, m_tvalid, awready, wready, bvalid, arready, rvalid, irq, bresp, rresp}) === 1'bx) fail("a handshake is unknown");
      if (rvalid && (^rdata) === 1'bx) fail("a register is unknown");
      if (m_tvalid && m_tlast === 1'bx) fail("TLAST is unknown");
      if (m_tvalid) begin
        beats = beats + 1;
        packets = packets + m_tlast;
      end
    end

  task write(input [12:0] address, input [31:0] value);
    begin
      @(posedge aclk) #1 awaddr = address;
      wdata = value;
      awvalid = 1'b1;
      @(posedge aclk) #1 awvalid = 1'b0;
      @(posedge aclk);
    end
  endtask
  task read(input [12:0] address, input [31:0] expected);
    begin
      @(posedge aclk) #1 araddr = address;
      arvalid = 1'b1;
      @(posedge aclk) #1 arvalid = 1'b0;
      if (rdata !== expected) begin
        $display("register %0h is %0h, not %0h", address, rdata, expected);
        fail("a register is wrong");
      end
      @(posedge aclk);
    end
  endtask
  task send(input [63:0] beat);
    begin
      @(posedge aclk) #1 s_tdata = beat;
      s_tvalid = 1'b1;
      @(negedge aclk);
      while (!s_tready) @(negedge aclk);
      @(posedge aclk) #1 s_tvalid = 1'b0;
    end
  endtask
  task restart;
    begin
      checks = 1'b0;
      aresetn = 1'b0;
      repeat (8) @(posedge aclk);
      #1 aresetn = 1'b1;
      checks = 1'b1;
    end
  endtask
  task field(input [4:0] number, input [31:0] value);
    write({1'b1, 5'd0, number, 2'd0}, value);
  endtask
  integer f;
  task describe;
    begin
      field(0, 32'h14); // x from the input, emit
      for (f = 1; f <= 21; f = f + 1) field(f[4:0], (f <= 7 || f == 12 || f == 14 || f == 17) ? 32'd1 : 32'd0);
      field(15, 32'd2); // H_INITIAL
      write(13'h18, 32'd1);
      write(13'h20, 32'd1);
      write(13'h24, 32'd4);
      write(13'h28, 32'd1);
      write(13'h08, 32'd1);
      repeat (8) @(posedge aclk);
    end
  endtask

  initial begin
    restart;
    read(13'h2C, 32'h42525501);
    write(13'h00, 32'd3); // start without descriptors
    read(13'h04, 32'd4);
    restart;
    describe;
    write(13'h00, 32'd3);
    send(64'd1);
    send(64'h0102);
    send(64'd6);
    send(64'h0304);
    wait (irq);
    read(13'h04, 32'd2);
    if (beats != 2 || packets != 2) fail("not two beats in two packets");
    write(13'h0C, 32'd1);
    write(13'h00, 32'd5); // a second start, which a reset ends, and `freeze`
    send(64'd1);
    repeat (4) @(posedge aclk);
    restart;
    read(13'h04, 32'd0);
    describe;
    write(13'h00, 32'd1);
    send(64'd7);
    send(64'h0102);
    wait (irq);
    if (beats != 3 || packets != 3) fail("a beat too many or too few");
    $display("four states: passed");
    $finish;
  end
  initial begin
    #100000 fail("no end");
  end
endmodule
