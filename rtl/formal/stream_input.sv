// stream_input holds no more steps than there are slots, and no more than the input memory has words; it takes a beat whenever
// it may; it counts each header of its one stream once, and no other; and the ends of sequences come out once each, in order.
// A ring of four words of one beat. The sequencer releases steps that it holds.
module formal_stream_input (
    input wire clk,
    input wire resetn,
    input wire [63:0] tdata,
    input wire tvalid,
    input wire [2:0] load_target,
    input wire load_begin,
    input wire [31:0] input_slots,
    input wire [15:0] input_chunks,
    input wire input_one_hot,
    input wire release_steps,
    input wire [2:0] release_count,
    input wire sequence_pop
);
  localparam integer RING = 4;
  wire tready, header_accepted, sequence_valid, sequence_end;
  wire [2:0] header_count, newest_step, sequence_last_step;
  stream_input #(
      .LANES(4), .LANE_WIDTH(1), .UPDATE_WIDTH(1), .ACTIVATION_BITS(1), .STATE_BITS(4), .LOAD_BITS(4), .WORD_BITS(64),
      .RING_BITS(2)
  ) stream (
      .clk(clk), .resetn(resetn), .s_tdata(tdata), .s_tvalid(tvalid), .s_tready(tready), .load_target(load_target),
      .load_begin(load_begin), .load_address_start(4'd0), .input_chunks(input_chunks), .input_one_hot(input_one_hot),
      .input_slots(input_slots), .first_h_stride(4'd1), .first_x_words(16'd1), .stream_error(), .header_accepted(header_accepted), .header_count(header_count),
      .newest_step(newest_step), .header_address(2'd0), .sequence_valid(sequence_valid), .sequence_end(sequence_end),
      .sequence_last_step(sequence_last_step), .sequence_pop(sequence_pop), .release_steps(release_steps),
      .release_count(release_count), .chunk_address(2'd0),
      .load_weights(), .load_scales(), .load_biases(), .load_tables(), .load_state(), .load_cell(), .load_address(),
      .load_bank(), .load_data(), .newest_header(), .header_word(), .chunk_count(), .sequence_last_chunk(),
      .sequence_last_offset(), .chunk_word()
  );

  reg [3:0] held;        // steps taken and not released
  reg [2:0] taken;       // headers, modulo the width of a step's number
  reg any_taken;
  reg [3:0] sequences;   // complete ones that are not taken out
  reg [15:0] chunks_due; // of the step under way
  reg [3:0] written_slots, slots; // as the rule is: at least one, at most the ring; two cycles after INPUT_SLOTS has them
  wire of_stream = tdata[15:8] == 8'd0;
  wire header_beat = tvalid && tready && load_target == 0 && chunks_due == 0;
  wire data_accepted = tvalid && tready && load_target == 0 && chunks_due != 0;
  always @(posedge clk) begin
    slots <= written_slots;
    written_slots <= input_slots == 0 ? 4'd1 : input_slots > RING ? RING : input_slots[3:0];
    if (!resetn) begin
      held <= 0;
      taken <= 0;
      any_taken <= 1'b0;
      sequences <= 0;
      chunks_due <= 0;
    end else begin
      held <= held + {3'd0, header_accepted} - (release_steps ? {1'd0, release_count} : 4'd0);
      taken <= taken + {2'd0, header_accepted};
      any_taken <= any_taken || header_accepted;
      sequences <= sequences + {3'd0, header_accepted && tdata[1]} - {3'd0, sequence_pop};
      if (header_beat) chunks_due <= input_one_hot ? 16'd0 : input_chunks;
      else if (data_accepted) chunks_due <= chunks_due - 16'd1;
    end
  end

  // The end of one sequence, any, is followed through the FIFO.
  reg followed, end_bit;
  reg [2:0] end_step;
  reg [3:0] before;
  (* anyseq *) wire follow;
  wire begins = follow && header_accepted && tdata[1] && !followed;
  always @(posedge clk) begin
    followed <= resetn && (begins || followed && !(sequence_pop && before == 0));
    before <= begins ? sequences - {3'd0, sequence_pop} : before - {3'd0, sequence_pop};
    if (begins) {end_bit, end_step} <= {tdata[2], taken};
  end

  reg past_reset = 1'b0, past_resetn;
  always @(posedge clk) past_reset <= 1'b1;
  reg past_load_begin;
  reg [2:0] past_load_target;
  always @(posedge clk) begin
    past_resetn <= resetn;
    past_load_begin <= load_begin;
    past_load_target <= load_target;
  end
  always @(*) begin
    assume (past_reset || !resetn);
    if (past_reset) begin
      assume (!release_steps || release_count <= held); // those of this cycle come in the next
      assume (load_target == past_load_target || past_load_begin || !past_resetn);
      assume (!sequence_pop || sequence_valid);
      assume (sequences + {3'd0, sequence_pop} <= held || !(header_accepted && tdata[1]));
    end
    if (past_reset && past_resetn && resetn) begin
      assert (held <= RING);
      assert (!header_accepted || held < slots);
      assert (header_accepted == (tvalid && load_target == 0 && chunks_due == 0 && held < slots && of_stream));
      assert (tready == (load_target != 0 || chunks_due != 0 || held < slots));
      assert (header_count == taken);
      assert (!any_taken || newest_step + 3'd1 == taken);
      assert (!sequence_valid || sequences != 0);
      assert (!(sequence_valid && followed && before == 0) || (sequence_end == end_bit && sequence_last_step == end_step));
    end
  end
endmodule
