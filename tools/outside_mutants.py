"""Faults by a reader of the RTL and of its documents who did not know how the cases are drawn: first those that come to mind,
then those that are likely to hide. The comment of a fault says what shows it, and on which shapes of bru-cosim-mutants."""
from mutant import of

OUTSIDE_MUTANTS = [
    # ======== those that come to mind
    # ---- values
    *of("values", "scale_row",
        # a gate whose z is beyond the range of 16 bits and has the other sign in bit 15, as z = +9; all shapes
        ("z_saturates_by_its_own_sign", "overflow ? {negative, {15{~negative}}} : shifted[15:0]",
         "overflow ? {shifted[15], {15{~shifted[15]}}} : shifted[15:0]")),
    *of("values", "activation_lut",
        # any layer (LSTM: o, GRU: z is looked up with the sum of the first row); all shapes
        ("last_gate_of_first_row", "gate_addresses[(4*e+3)*N+:N]", "gate_addresses[4*e*N+:N]")),
    *of("values", "ram_async",
        # small tables (N <= 6) with E >= 2: row o of unit 1 reads the entry of its row f; l8w5, l8a13, l16w7 (there also c' of unit 2)
        ("sixth_port_is_fifth", "read_addresses[r*ADDRESS_BITS+:ADDRESS_BITS]",
         "read_addresses[((r == 5) ? 4 : r)*ADDRESS_BITS+:ADDRESS_BITS]")),
    *of("values", "mux4",
        # logits or an index of at least 8 rows with E >= 2 (the sign of row 7 is that of row 5); k3: any layer
        ("sign_of_fourth_word", "four[3*WIDTH+i]", "((i == WIDTH - 1) ? four[2*WIDTH+i] : four[3*WIDTH+i])")),
    *of("values", "masked_sum",
        # a negative activation in column 4 of W = 5 (l8w5), or a negative sum of columns 8 to 11 of W = 12 (k8)
        ("node_without_partner_unsigned", "{a[WIDTH-2], a}", "{1'b0, a}", "= {a[WIDTH-2], a};")),
    *of("values", "slice_turn",
        # H no multiple of E, and the last slice begins in a column that is none either (l8w5: H = 7; l16w7: H = 9); l32w3, k8 too
        ("valid_units_not_turned", "units[unit]", "units[t]")),
    *of("values", "hidden_packer",
        # A = 1: hidden vectors leave and H is no multiple of E; l16w7
        ("bit_units_beyond_not_zero", "count > e", "1'b1", "count > e ? {{7{~h}}, 1'b1}")),
    # ---- address
    *of("address", "state_registers",
        # four banks: a layer of more than 3 units; l32w3
        ("bank_distance_backwards", "b[BANK_BITS-1:0] - slice_chunk[BANK_BITS-1:0]", "slice_chunk[BANK_BITS-1:0] - b[BANK_BITS-1:0]")),
    *of("address", "ram_banked",
        # words of three banks: any load of biases with E = 8; l32w3, k8
        ("bank_2_writes_bank_0", "write_bank == b", "(write_bank & 7'd1) == (b & 1)")),
    *of("address", "ram_sdp",
        # a small memory whose depth is no power of two: the receiver waits so long that five (l16w7, l8a13: depth 5) or seven
        # (l8a9: 7) beats have gone through the large memory of the output FIFO
        ("last_word_of_odd_memory_lost", "write_enable[i]", "(write_enable[i] && !((DEPTH & (DEPTH - 1)) != 0 && write_address == DEPTH - 1))",
         """      (* ram_style = "distributed", no_rw_check *) reg [WIDTH-1:0] memory[0:DEPTH-1];
      always @(posedge clk) begin
        for (i = 0; i < GROUPS; i = i + 1)
          if (write_enable[i])""")),
    *of("address", "vector_sequencer",
        # reverse first layer, inputs that are vectors of two chunks at least, sequences of two steps at least; one stream
        ("reverse_input_goes_one_chunk_back", "-step_chunks[RING_BITS+1:0]", "-{{(RING_BITS + 1) {1'b0}}, 1'b1}")),
    # ---- protocol
    *of("protocol", "control_registers",
        # AWVALID and WVALID are high as the response before is taken
        ("write_waits_behind_response", "s_awvalid & s_wvalid", "s_awvalid & s_wvalid & ~s_bvalid"),
        # INTERRUPT_STATUS is read behind a run while INTERRUPT_ENABLE is 0
        ("interrupt_status_masked", "read_value = {31'd0, interrupt_status};", "read_value = {31'd0, interrupt};")),
    *of("protocol", "stream_output",
        # E >= 2: a slice with 7 rows mod 8 (logits), or at the end of an argmax vector with 6 mod 8 (7 or 6 rows on l8w5, l8a9, l8a13)
        ("carry_of_turns_lost", "carry && (half || more)", "1'b0")),
    # ---- control
    *of("control", "sequencer",
        # any wait for h
        ("final_one_slice_early", "count - of[NEED_AT+:TALLY_BITS]", "count + 1'b1 - of[NEED_AT+:TALLY_BITS]"),
        # weights of x of the first layer with two planes or more
        ("released_by_every_plane", "part_ends", "last_chunk", "!part && v_x_input && part_ends && last_group && v_releases")),
    *of("control", "scale_bias",
        # the last group has, behind its last unit or row, a slice that was used in part and one more, or two unused ones:
        # l80w1 (H mod 20 = 5, or 5 logits), l16w32 (H mod 4 = 1), k3 and k5 (H mod 3 = 1, or 2 logits)
        ("remaining_wraps", "ends ? {COUNT_BITS{1'b0}} : remaining - slice_size", "remaining - slice_size")),
    *of("control", "vector_sequencer",
        # a layer (or a dense layer) behind a bidirectional one of at most W units, sequence mode
        ("source_of_one_chunk_missed", "d_source_chunks[15:0] == 16'd1", "1'b0")),
    *of("counters", "sequencer",
        # counters behind a run of tiny vectors: a vector whose first chunk waited for h, and the next one's first chunk is at
        # the head before its five cycles are over (dense layer or second layer, then x of the next step)
        ("vector_gap_is_no_input_wait", "(!head_valid || !vector_ok || !input_ok)", "(!head_valid || !input_ok)")),
    # ---- reset
    *of("reset", "beat_fifo",
        # a reset when the beats put out since the reset before it are no multiple of 4, then a run
        ("near_write_stays", "near_write <= 0;", "")),

    # ======== those that are likely to hide
    # ---- values
    *of("values", "dot_product_lanes",
        # a part of exactly six planes with a bit in the top plane (a negative weight)
        ("top_plane_of_six_added", "negative ? 8'hff : 8'h01", "(negative && plane != 3'd5) ? 8'hff : 8'h01")),
    *of("values", "lane",
        # W is a power of two above 1, and all W activations of a chunk are the least (-1.0); l8a13, k3: two of them; l16w32, k5
        ("least_sum_of_a_chunk", "operand <= sum;",
         "operand <= (sum == {1'b1, {(SUM_BITS - 1) {1'b0}}}) ? {1'b1, {(SUM_BITS - 2) {1'b0}}, 1'b1} : sum;")),
    *of("values", "argmax",
        # both logits of a vector's first pair are saturated at -2^31, and no later logit is above the best of the vector before
        # (or, of the first vector, above what the register began with), as in a vector of least logits alone
        ("first_pair_of_least_logits_ignored",
         "pair_first || (second_wins ? $signed(logit1) > best : $signed(logit0) > best)",
         "(pair_first && (second_wins ? logit1 : logit0) != 32'h80000000) || "
         "(second_wins ? $signed(logit1) > best : $signed(logit0) > best)")),
    *of("values", "table_ram",
        # tables in block RAM (N >= 7): a sum of row o of the first unit of a slice, or a sum or c' of a later unit, that rounds to
        # the table address -1 (z just below 0); l16w32, l8a9, l32w3, l80w1, k3, k5, k8
        ("last_entry_in_first_copy_only", "load", "(load && !(c > 0 && (&load_address)))", "if (load) memory[address_a]")),
    *of("gru", "cell_update",
        # GRU, A from 2 to 15: a negative s' exactly between two values of h; a quarter of all h of l8a13 that are negative
        # and would round up are such ties, few of the other shapes are
        ("gru_h_tie_down_if_negative", "gru_10 && hidden_sum[HIDDEN_SHIFT-1]",
         "(gru_10 && hidden_sum[HIDDEN_SHIFT-1] && "
         "!(hidden_sum[32] && ((hidden_sum >> 15) & ((33'd1 << (HIDDEN_SHIFT - 16)) - 33'd1)) == 0))")),
    # ---- loads and inputs
    *of("address", "weight_bram",
        # a network whose weights take the last word of the memory
        ("last_weight_word_not_loaded", "load_write", "(load_write && load_address != WEIGHT_WORDS - 1)", ".write_enable(load_write)")),
    *of("protocol", "bru_core",
        # TLAST within a load: a load in two DMA transfers
        ("tlast_begins_the_load_again", "(load_begin)",
         "(load_begin | (s_axis_tlast & s_axis_tvalid & s_axis_tready & (load_target != 3'd0)))", ".load_begin(load_begin), .load_address_start")),
    *of("counters", "stream_input",
        # a step of 258 chunks or more: W = 1 and as many inputs; l4w1, l8a9, l80w1
        ("chunks_of_step_8_bits", "data_chunks_left - 16'd1", "((data_chunks_left - 16'd1) & 16'h00ff)")),
    *of("control", "stream_input",
        # a one-hot input that is none, in a header that is still the newest one as the core takes it (it waited for the step)
        ("newest_mistake_not_corrected", "newest_stored <= {bad_header, header};", "newest_stored <= {1'b0, header};")),
    *of("address", "descriptor_memory",
        # one-hot inputs with X_WORDS of 256 or more (W = 1: 256 symbols or more), and a chunk of at least X_WORDS mod 256
        ("x_words_of_mistake_8_bits", "first_x_words <= write_data[15:0];", "first_x_words <= {8'd0, write_data[7:0]};"),
        # a write to an address of a used descriptor behind its fields (f = 22 to 31), with another value than its field f - 16
        # has, and that field is not written again before the start
        ("reserved_fields_alias", "write && write_field == f", "(write && (write_field == f || (f >= 6 && f < 16 && write_field == f + 16)))")),
    # ---- starts, mistakes, registers
    *of("control", "control_registers",
        # a run is done, a start is refused (DESCRIPTORS 0, a marked descriptor), then STATUS is read or a right start is written
        ("refused_start_clears_done", "(start)", "(write_control & write_data[0])", ".start(start), .clear_interrupt")),
    *of("counters", "control_registers",
        # a write to CONTROL with `count` and `freeze`, then a run and its counters
        ("freeze_wins_over_count", "counting <= 1'b1;", "counting <= ~freeze;")),
    *of("control", "register_check",
        # a SOURCE_SIZE of 65,536 or more, then a start
        ("source_size_not_checked", "high", "(high && write_field != 5'd21)", "5'd6, 5'd20, 5'd21: out_of_range = high;"),
        # a mistake, then a right start without a reset between them
        ("error_refuses_starts", "start_write && !mistake", "start_write && !mistake && !error")),
    *of("control", "run_status",
        # the last beat has left, a reverse pass is still under way (bidirectional last layer, output steps `last`), and
        # software clears the interrupt of the run before
        ("clear_forgets_the_last_beat", "beats_done & ~finished", "beats_done & ~finished & ~clear_interrupt")),
    # ---- many of a kind
    *of("control", "fifo_fwft",
        # sequence mode with 18 sequences or more that wait in the input memory
        ("sixteen_sequences_are_none", "write_address != read_following", "((write_address ^ read_following) & 15) != 0")),
    *of("protocol", "stream_output",
        # slices of two beats: hidden vectors leave and H mod 8 is 1 to 4; l32w3
        ("half_slice_is_one_beat", "BEATS_PER_SLICE == 1", "(BEATS_PER_SLICE == 1 || hidden_count <= 4)")),
    *of("streams", "stream_scoreboard",
        # several streams, five layers (or 9) and no dense layer, two steps of a sequence right behind each other; k3, k5, k8
        ("descriptors_by_two_bits", "ids[k*ID_BITS+:5] == upcoming_index", "ids[k*ID_BITS+:2] == upcoming_index[1:0]")),
    *of("streams", "vector_state",
        # streams s and s + 4 take turns within their sequences; k5 (0 and 4), k8
        ("cells_of_four_streams", "cell_area[CELL_BITS-1:0]", "(cell_area[CELL_BITS-1:0] & ~(32'd4 << CELL_AREA_BITS))")),
    # ======== a second reader's
    # ======== plain
    *of("protocol", "stream_input",
        # a header is accepted in the cycle behind a release of steps (steps wait for slots); all shapes
        ("header_at_release_not_counted", "header_accepted ? used_both : used_less", "used_less")),
    *of("protocol", "stream_output",
        # logits whose last slice has three rows or more, which are two beats or more; all shapes. l32w3: any hidden vector, too
        ("tlast_on_all_beats_of_last_slice", "vector_done & packet_done", "push & ends_vector & packet_done"),
        # beats pushed and transferred in one cycle, then a receiver that waits until the FIFO is full, or as many such
        # cycles that the count wraps to the full mark; all shapes, soonest l8w5 and k5 (2 beats)
        ("transfer_wins_over_push", "push == transferred ? beats : push ? beats_more : beats_less",
         "transferred ? beats_less : push ? beats_more : beats")),
    *of("values", "argmax",
        # argmax: row 0 or 1 wins in a vector behind another one (of two rows or more); all shapes
        ("first_pair_index_of_vector_before", "index", "row", "<= index;")),
    *of("values", "hidden_packer",
        # hidden vectors leave with a negative h; all shapes but l16w7 (A = 1)
        ("hidden_sign_lost", "h[A-1]", "1'b0")),
    *of("values", "lane",
        # a chunk within a part waits (state_wait, input_wait) and is added while it waits; all shapes
        ("adds_while_waiting", "add", "1'b1", "if (add) total")),
    *of("values", "masked_sum",
        # weight bits 0 and 1 in columns 2k and 2k+1, whose activations differ; W above 1: all but l4w1, l8a9, l80w1
        ("odd_column_takes_even", "{x1[BITS-1], x1}", "{x0[BITS-1], x0}")),
    *of("gru", "cell_update",
        # a GRU with a negative z_nx; the shapes with two kinds of cells
        ("gru_x_not_sign_extended", "{2{x[15]}}", "2'b00")),
    *of("address", "state_registers",
        # a load of two neighbouring chunks that differ (an initial h); banks: l8w5, l16w7, l8a9, l32w3, k8
        ("load_writes_all_banks", "state_load && state_load_address[BANK_BITS-1:0] == b[BANK_BITS-1:0]", "state_load")),
    *of("streams", "stream_scoreboard",
        # a step begins while a later header of another stream is there, and the next step of its stream comes; k3, k5, k8
        ("listed_under_newest_stream", "stream", "newest_stream", "<= stream;")),
    *of("control", "sequencer",
        # two descriptors or more: every x part from state releases a step, too; all shapes
        ("every_layer_releases", "v_x_input", "1'b1", "\n    !part && v_x_input")),
    *of("control", "bru_core",
        # output kind hidden and a layer without `emit` (or a step that does not count: output steps last, final); all shapes
        ("vectors_without_emit_leave", "hidden_slice & hidden_leaves", "hidden_slice")),

    # ======== subtle
    *of("counters", "control_registers",
        # `count` is written while the counters run (no `freeze` between), then frozen and read: one cycle too many; all shapes
        ("cycle_of_second_count_counted", "resetn & counting & ~count", "resetn & counting")),
    *of("protocol", "control_registers",
        # PACKET_VECTORS is written as 0, which counts as 1, and read; all shapes
        ("packet_of_none_reads_one", "packet_vectors", "((packet_vectors == 32'd0) ? 32'd1 : packet_vectors)",
         "read_value = packet_vectors;")),
    *of("control", "register_check",
        # a start where the last descriptor alone is out of range or was never written; all shapes
        ("last_descriptor_not_checked", "descriptor_count > d", "descriptor_count > d + 1")),
    *of("control", "load_place",
        # a beat with LOAD_TARGET 7 and LOAD_ADDRESS within the weights: no error; all shapes
        ("target_7_is_no_mistake", "load_target == 3'd6", "load_target >= 3'd6", "load_target == 3'd6}} & CELL_WORDS")),
    *of("reset", "stream_input",
        # a reset within a word of several beats (a load, or an input chunk of l16w32, k5, k8), then vectors as inputs before any
        # write to LOAD_TARGET, which the reset has set to run: TREADY at a wrong time; all shapes (l4w1: within a bias)
        ("beat_within_word_stays", "!resetn || load_begin", "load_begin")),
    *of("protocol", "beat_fifo",
        # more than four beats wait, and a beat is pushed in the cycle in which the large memory refills the small one; FIFOs of
        # five beats or more: all shapes but l8w5, k3, k5
        ("far_push_with_fetch_lost", "stored + {{BITS{1'b0}}, to_far} - {{BITS{1'b0}}, fetch}",
         "fetch ? stored - 1'b1 : stored + {{BITS{1'b0}}, to_far}")),
    *of("values", "scale_row",
        # SHIFT below 0 and a logit (or a sum of a GRU's candidate) that does not saturate; gates only if SHIFT is below N - 15; all shapes
        ("left_shift_fills_ones", "16'd0", "16'hffff")),
    *of("values", "scale_bias",
        # two descriptors with different SHIFT, the next one's first chunk waits at the head while the last slices of a vector pass; all shapes
        ("shift_of_the_next_vector", "{shift_now, is_dense}", "{shift, is_dense}"),
        # one-plane parts at the distance D right behind each other (scale_bias is the bottleneck, D >= 3): the last slice of a
        # part subtracts the S of the next one; l80w1, k3, k5
        ("last_slice_takes_next_sum", "bank_p", "bank", "bank_p ? part_sums")),
    *of("control", "sequencer",
        # sequence mode, a layer (or dense) behind a bidirectional one: the last chunk of the reverse half is not awaited; one stream
        ("second_source_full_of_first", "v_x_second_full", "full", "!begins_any ? v_x_second_full")),
    *of("address", "vector_sequencer",
        # sequence mode, layer 0 is reverse alone, its first sequence has arrived whole before the start, the sequence
        # behind it has another length or is not there, and a layer or dense behind it reads its h; one stream
        ("end_offset_of_next_sequence", "q_valid ? q_last_offset : sequence_last_offset", "sequence_last_offset")),
    *of("control", "descriptor_memory",
        # bidirectional layer 0 and a third descriptor, which is written last: the forward half releases the sequence, too; one stream
        ("second_reads_of_any_descriptor", "write_index == 5'd1", "write_index != 5'd0")),
    # ---- of a third reader, those that the cases did not show
    *of("address", "stream_input",
        # LOAD_ADDRESS = 0x3FFFFF, two words: both are beyond the memory, the second one overwrites word 0
        ("load_address_wraps_to_0", "next_address + 1'b1", "{1'b0, next_address[LOAD_BITS-1:0] + 1'b1}")),
    *of("streams", "vector_state",
        # k256: steps of the streams 5 and 133 take turns; they share the area of h
        ("h_area_of_7_bits", "{{(32 - STREAM_BITS) {1'b0}}, stream} << STATE_AREA_BITS",
         "({{(32 - STREAM_BITS) {1'b0}}, stream} & 32'd127) << STATE_AREA_BITS")),
]
