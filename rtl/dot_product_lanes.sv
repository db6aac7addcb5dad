// dot_product_lanes: LANES lanes, each LANE_WIDTH activations per cycle: masked adder tree, accumulator, part register.
// For a chunk issued in cycle t: activations come from the memories in t+1 and are registered (with the sums of
// neighbours) for t+2, the weights are there in t+2, the tree's sum in t+2+T, the accumulators in R = t+3+T; after the
// last chunk of a part they are captured at the end of R, into one of two part registers in turn. Control signals with many
// loads are registered once per group of lanes or per row; `delay` instances are not merged.
module dot_product_lanes #(
    parameter integer LANES = 64,
    parameter integer LANE_WIDTH = 16,
    parameter integer UPDATE_WIDTH = 2,
    parameter integer ACTIVATION_BITS = 8,
    parameter integer PART_BITS = 25,
    parameter integer SLICE_BITS = 2, // index of a slice
    parameter integer COLUMN_BITS = (LANE_WIDTH > 1) ? $clog2(LANE_WIDTH) : 1,
    parameter integer CHUNK_BITS = LANE_WIDTH * ACTIVATION_BITS
) (
    input wire clk,
    input wire resetn,
    // cycle t
    input wire issue,
    input wire issue_from_input,       // else from state memory
    input wire issue_one_hot,          // from neither
    input wire [COLUMN_BITS-1:0] issue_column,
    input wire issue_begins_part,
    input wire [2:0] issue_plane, // weighs 2^plane
    input wire issue_negative,    // or minus that: the top plane of several
    input wire issue_part_last,
    // cycle t+1
    input wire [CHUNK_BITS-1:0] input_chunk,
    input wire [CHUNK_BITS-1:0] state_chunk,
    // cycle t+2
    input wire [LANES*LANE_WIDTH-1:0] weights,
    // the slice whose rows are wanted in the next cycle
    input wire next_bank, // which of the part registers
    input wire [SLICE_BITS-1:0] next_slice,
    input wire next_is_first, // next_slice is 0
    // its rows, in the cycle after
    output wire [4*UPDATE_WIDTH*PART_BITS-1:0] slice_parts,
    output wire [2*PART_BITS-1:0] part_sums // S: bank 1 above bank 0
);
  `include "timing.svh"
  localparam integer W = LANE_WIDTH;
  localparam integer A = ACTIVATION_BITS;
  localparam integer XB = (A == 1) ? 2 : A; // A = 1: +1, -1 and, around a one-hot, 0
  localparam integer PAIRS = (W + 1) / 2;
  localparam integer LEVELS = (W > 2) ? $clog2(W) : 1;
  localparam integer STAGES = (LEVELS + 1) / 2;
  localparam integer ROWS = 4 * UPDATE_WIDTH;
  localparam integer SLICES = LANES / ROWS;
  localparam integer GROUP = 16; // lanes that share a copy of a control register: a register with many loads is slow
  localparam integer GROUPS = (LANES + GROUP - 1) / GROUP;

  // Activations: t+1 to t+2.
  reg from_input, one_hot;
  reg [COLUMN_BITS-1:0] column;
  always @(posedge clk) begin
    from_input <= issue_from_input;
    one_hot <= issue_one_hot;
    column <= issue_column;
  end
  wire [W*XB-1:0] x_next;
  wire [PAIRS*(XB+1)-1:0] pairs_next;
  reg [W*XB-1:0] x;
  reg [PAIRS*(XB+1)-1:0] pairs;
  genvar j, l, r;
  generate
    for (j = 0; j < W; j = j + 1) begin : g_activation
      wire [A-1:0] stored = from_input ? input_chunk[j*A+:A] : state_chunk[j*A+:A];
      wire here = column == j;
      if (A == 1) begin : g_bit
        assign x_next[j*XB+:XB] = one_hot ? {here, here} : {~stored, 1'b1};
      end else begin : g_number
        assign x_next[j*XB+:XB] = one_hot ? {here, {(A - 1) {1'b0}}} : stored;
      end
    end
    for (j = 0; j < PAIRS; j = j + 1) begin : g_pair
      wire [XB-1:0] x0 = x_next[2*j*XB+:XB];
      if (2 * j + 1 < W) begin : g_two
        wire [XB-1:0] x1 = x_next[(2*j+1)*XB+:XB];
        assign pairs_next[j*(XB+1)+:XB+1] = {x0[XB-1], x0} + {x1[XB-1], x1};
      end else begin : g_one
        assign pairs_next[j*(XB+1)+:XB+1] = {x0[XB-1], x0};
      end
    end
  endgenerate
  always @(posedge clk) begin
    x <= x_next;
    pairs <= pairs_next;
  end

  // Control, beside the tree's sum (t+2+T) and the accumulators (t+3+T).
  wire add;
  wire begins, negative;
  wire [2:0] plane;
  wire part_last;
  valid_delay #(.CYCLES(kMemoryReadCycles + STAGES)) add_delay (.clk(clk), .resetn(resetn), .in(issue), .out(add));
  delay #(.WIDTH(1), .CYCLES(kMemoryReadCycles + STAGES)) begins_delay (.clk(clk), .in(issue_begins_part), .out(begins));
  delay #(.WIDTH(4), .CYCLES(kMemoryReadCycles + STAGES - 2)) plane_delay (.clk(clk), .in({issue_negative, issue_plane}), .out({negative, plane}));
  wire [7:0] plane_weight = (negative ? 8'hff : 8'h01) << plane;
  valid_delay #(.CYCLES(kMemoryReadCycles + STAGES)) last_delay (.clk(clk), .resetn(resetn), .in(issue & issue_part_last), .out(part_last));

  // The part registers take turns. Which one captures is known with the part's last sum.
  wire captures; // in the next cycle
  valid_delay #(.CYCLES(kAccumulateCycles - 1)) capture_delay (.clk(clk), .resetn(resetn), .in(part_last), .out(captures));
  reg capture_bank;
  always @(posedge clk) begin
    if (!resetn) capture_bank <= 1'b0;
    else capture_bank <= capture_bank ^ captures;
  end

  // Lanes, with the control of their group a cycle later. The lane LANES is S: all activations, no weights.
  wire [2*LANES*PART_BITS-1:0] parts; // bank 1 above bank 0
  wire [GROUPS*8-1:0] group_weight;
  wire [GROUPS-1:0] capture_0, capture_1;
  generate
    for (l = 0; l < GROUPS; l = l + 1) begin : g_group
      delay #(.WIDTH(8), .CYCLES(1)) weight_copy (.clk(clk), .in(plane_weight), .out(group_weight[l*8+:8]));
      valid_delay #(.CYCLES(1)) capture_0_copy (.clk(clk), .resetn(resetn), .in(captures & ~capture_bank), .out(capture_0[l]));
      valid_delay #(.CYCLES(1)) capture_1_copy (.clk(clk), .resetn(resetn), .in(captures & capture_bank), .out(capture_1[l]));
    end
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      lane #(
          .LANE_WIDTH(W), .BITS(XB), .PART_BITS(PART_BITS)
      ) lane (
          .clk(clk), .activations(x), .pair_sums(pairs), .weights(weights[l*W+:W]), .plane_weight(group_weight[l/GROUP*8+:8]),
          .add(add), .begins(begins), .capture_0(capture_0[l/GROUP]), .capture_1(capture_1[l/GROUP]),
          .part_0(parts[l*PART_BITS+:PART_BITS]), .part_1(parts[(LANES+l)*PART_BITS+:PART_BITS])
      );
    end
  endgenerate
  lane #(
      .LANE_WIDTH(W), .BITS(XB), .PART_BITS(PART_BITS), .ALL(1)
  ) sum_lane (
      .clk(clk), .activations(x), .pair_sums(pairs), .weights({W{1'b1}}), .plane_weight(group_weight[7:0]), .add(add), .begins(begins),
      .capture_0(capture_0[0]), .capture_1(capture_1[0]), .part_0(part_sums[0+:PART_BITS]), .part_1(part_sums[PART_BITS+:PART_BITS])
  );

  // Rows of a slice: row r of slice s is lane s*ROWS + r; its two part registers stand side by side. Slices after the first
  // are chosen a cycle ahead: a slice's index only counts up within a part. Each row has its own copy of the choice.
  generate
    if (SLICES > 1) begin : g_ahead
      for (r = 0; r < ROWS; r = r + 1) begin : g_row
        wire bank, is_first;
        wire [SLICE_BITS-1:0] following; // the slice + 1 among those after the first
        delay #(.WIDTH(SLICE_BITS + 2), .CYCLES(1)) choice_copy (
            .clk(clk), .in({next_is_first, next_slice, next_bank}), .out({is_first, following, bank})
        );
        wire [SLICE_BITS:0] choice = {following, bank};
        wire [2*(SLICES-1)*PART_BITS-1:0] candidates;
        wire [PART_BITS-1:0] chosen;
        reg [PART_BITS-1:0] ahead;
        for (j = 0; j < 2 * (SLICES - 1); j = j + 1) begin : g_candidate
          assign candidates[j*PART_BITS+:PART_BITS] = parts[(((j%2)*SLICES+j/2+1)*ROWS+r)*PART_BITS+:PART_BITS];
        end
        word_select #(
            .INPUTS(2 * (SLICES - 1)), .WIDTH(PART_BITS)
        ) row_select (
            .words(candidates), .index(choice[$clog2(2*(SLICES-1))-1:0]), .word(chosen)
        );
        always @(posedge clk) ahead <= chosen;
        assign slice_parts[r*PART_BITS+:PART_BITS] = !is_first ? ahead : bank ? parts[(LANES+r)*PART_BITS+:PART_BITS] : parts[r*PART_BITS+:PART_BITS];
        if ($clog2(2 * (SLICES - 1)) < SLICE_BITS + 1) begin : g_unused
          wire unused_choice = &{1'b0, choice};
        end
      end
    end else begin : g_only
      wire bank;
      delay #(.WIDTH(1), .CYCLES(1)) bank_copy (.clk(clk), .in(next_bank), .out(bank));
      assign slice_parts = bank ? parts[LANES*PART_BITS+:LANES*PART_BITS] : parts[0+:LANES*PART_BITS];
      wire unused_slice = &{1'b0, next_slice, next_is_first};
    end
  endgenerate
endmodule
