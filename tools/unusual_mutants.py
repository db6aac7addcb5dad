"""Faults that only an unusual use of the core shows: networks of two kinds behind each other, writes and loads at unusual
moments, descriptors that no compiled network has, two events in one cycle. The comment of a fault says what shows it."""
from mutant import of

UNUSUAL_MUTANTS = [
    # ---- writes
    *of("protocol", "control_registers",
        # start and freeze in one write, then the counters are read
        ("freeze_lost_in_a_start", "write_control & write_data[2]", "write_control & write_data[2] & ~write_data[0]"),
        # a write to CONTROL with a bit that means nothing
        ("freeze_of_bit_3", "write_control & write_data[2]", "write_control & (write_data[2] | write_data[3])"),
        # LOAD_ADDRESS is written while a load is under way
        ("load_address_begins_a_load", "write_word == 11'd4", "(write_word == 11'd4 || write_word == 11'd5)",
         "assign load_begin = write_register && write_word == 11'd4;"),
        # a write to STATUS while the interrupt waits
        ("status_write_clears_interrupt", "write_register && write_word == 11'd3 && write_data[0]",
         "write_register && (write_word == 11'd3 || write_word == 11'd1) && write_data[0]"),
        # STATUS is read in the cycle before `error` becomes visible
        ("stream_error_read_early", "error", "error | stream_error", "{29'd0, error, done, running}"),
        # INTERRUPT_STATUS is read in the cycle of the last beat
        ("interrupt_read_early", "interrupt_status", "interrupt_status | (output_transferred & output_last_of_run)",
         "{31'd0, interrupt_status}")),
    *of("counters", "control_registers",
        # a header in the cycle of `freeze`: it is of the next run
        ("header_of_freeze_cycle_lost", "header_accepted", "header_accepted & ~freeze", "counted_header <= header_accepted;"),
        # a header in the cycle of `count`
        ("steps_of_the_count_cycle", "counted && counted_header", "counting && counted_header")),
    # ---- mistakes
    *of("control", "control_registers",
        # a second start when all chunks were issued and the outputs wait
        ("start_before_outputs_left", "(done)", "done | ~running", ".start_write(write_control & write_data[0]), .done(done)")),
    *of("control", "run_status",
        # the last beat and the last chunk in one cycle, as behind a reverse layer with output steps `last`
        ("last_beat_with_last_chunk", "beats_done & (run_ends | ~running)",
         "(last_beat_left & run_ends) | (beats_done & ~running)")),
    *of("control", "register_check",
        # a right negative shift without bit 30
        ("shift_without_bit_30", "!(&data[30:4])", "!(&data[29:4])"),
        # a wrong descriptor, a reset and a start
        ("reset_forgives_marks",
         "if (descriptor_write && descriptor_index == d) marks[d] <= descriptor_wrong || (marks[d] && descriptor_field != 5'd0);",
         "if (!resetn) marks[d] <= 1'b0; else if (descriptor_write && descriptor_index == d) "
         "marks[d] <= descriptor_wrong || (marks[d] && descriptor_field != 5'd0);"),
        # FLAGS asks for a GRU where there are none
        ("gru_flag_without_grus", "(CELL_KINDS == 1 && data[5])", "1'b0")),
    # ---- loads and waiting steps
    *of("address", "stream_input",
        # a load that begins within its memory and ends beyond
        ("load_over_the_end_taken", "next_address", "{1'b0, load_address_start}", ".address(next_address)")),
    *of("protocol", "stream_input",
        # STATUS is read between the beats of a word beyond its memory
        ("error_with_whole_word", "(take && !running_target && beyond)", "(take && !running_target && beyond && word_done)"),
        # a load while waiting steps have all slots
        ("load_waits_for_slot", "!running_target", "(!running_target && slot_free)",
         "assign s_tready = !running_target || in_data || slot_free;"),
        # a load while steps wait, then more steps
        ("load_target_frees_slots",
         "slots_used <= released ? (header_accepted ? used_both : used_less) : header_accepted ? used_more : slots_used;",
         "slots_used <= load_begin ? {(RING_BITS + 1) {1'b0}} : "
         "released ? (header_accepted ? used_both : used_less) : header_accepted ? used_more : slots_used;"),
        # INPUT_SLOTS becomes less than the steps that wait
        ("slots_full_only_if_equal", "{1'b0, slots_used} < slots_taken_at_most", "{1'b0, slots_used} != slots_taken_at_most"),
        # INPUT_SLOTS = 0x80000000
        ("slots_of_bit_31", "|input_slots[31:RING_BITS]", "|input_slots[30:RING_BITS]")),
    *of("control", "stream_input",
        # a load that ends within a word of several banks, behind the first one
        ("bank_stays_at_load_begin", "bank <= 0;", "if (!resetn) bank <= 0;")),
    *of("values", "bru_core",
        # anything in the upper half of the beats of the tables
        ("upper_half_of_table_beat", "load_data[31:0]", "load_data[31:0] | load_data[63:32]")),
    # ---- behind a network of another kind
    *of("values", "stream_output",
        # logits, then an index
        ("logits_left_in_argmax", "(vector_done)", "vector_done & (is_argmax | is_hidden)",
         ".vector_done(vector_done), .logit0(logit0)")),
    *of("control", "vector_sequencer",
        # one-hot inputs, then vectors
        ("one_hot_moves_chunks", "input_one_hot ? 32'd0 : {16'd0, input_chunks}", "{16'd0, input_chunks}")),
    *of("control", "fifo_fwft",
        # several ends of sequences wait at a start in stream mode; then sequence mode
        ("word_ready_too_long", "stored && !refill", "stored")),
    *of("streams", "stream_scoreboard",
        # a run goes on with a sequence of the run before
        ("slot_0_after_start", "!first && !earlier_slot", "!first && !earlier_slot && listed != 0")),
    # ---- descriptors
    *of("control", "vector_sequencer",
        # hidden vectors of several layers leave
        ("only_last_layer_emits", "d_emit && output_kind == 2'd0 && every",
         "d_emit && output_kind == 2'd0 && every && d_following + 6'd1 >= descriptor_count"),
        # sequence mode with forward layers alone
        ("forward_sequence_as_stream", "STREAM_BITS == 0 && mode_is_sequence",
         "STREAM_BITS == 0 && mode_is_sequence && |(reverse_flags & ((32'd1 << descriptor_count) - 32'd1))"),
        # the last vector of a run begins one cycle behind its header; then another run
        ("end_of_run_goes_on", "d_valid && !form && !r_ends_run", "d_valid && !form")),
    *of("address", "vector_sequencer",
        # `final` with a dense layer behind a bidirectional one of at least 128 chunks in a direction
        ("second_source_7_bits", "d_x_base + d_source_chunks[STATE_BITS-1:0]",
         "d_x_base + {{(STATE_BITS - 7) {1'b0}}, d_source_chunks[6:0]}")),
    *of("address", "descriptor_memory",
        # a reverse first layer whose slots are at least 256 chunks apart
        ("first_stride_8_bits", "write_data[STATE_BITS-1:0]", "write_data[7:0]")),
    *of("values", "sequencer",
        # a dense layer alone
        ("dense_reads_state", "!part && v_x_input && !v_one_hot", "!part && v_x_input && !v_one_hot && !v_dense")),
    *of("address", "sequencer",
        # the weights of a dense layer are not right behind those of the last layer
        ("dense_weights_follow", "begin_vector", "begin_vector && !(vector_valid && u_dense && !v_dense)",
         "weight <= begin_vector ? u_weight_base")),
    *of("address", "scale_bias",
        # the same of the biases
        ("dense_biases_follow", "bias_address <= bias_base;", "if (!(dense && !is_dense)) bias_address <= bias_base;")),
    # ---- limits
    *of("values", "scale_bias",
        # SHIFT = -16 and a sum of exactly -1
        ("sum_minus_one_at_least_shift", "i - 1 >= $signed({{24{top[7]}}, top})",
         "i >= 1 && i - 1 >= $signed({{24{top[7]}}, top})")),
    *of("values", "argmax",
        # two logits that saturate at different ends
        ("argmax_by_difference", "$signed(logit1) > $signed(logit0)", "$signed(logit0 - logit1) < 0",
         "pair_two && $signed(logit1) > $signed(logit0)")),
    *of("gru", "cell_update",
        # the last slice of an LSTM right in front of a GRU's, or the other way round
        ("gru_negates_one_early", "{tanh[15] ^ gru_7, tanh ^ {16{gru_7}}, gru_7}", "{tanh[15] ^ gru_6, tanh ^ {16{gru_6}}, gru_7}")),
    *of("control", "sequencer",
        # the input memory is full when its oldest chunk is wanted
        ("full_ring_not_arrived", "!distance[RING_BITS+1] && distance != 0",
         "!distance[RING_BITS+1] && !distance[RING_BITS] && distance != 0")),
    *of("control", "beat_fifo",
        # a push as the last beat of the large memory is fetched
        ("last_fetch_overtaken", "stored == 0", "stored <= 1", "wire takes = push && stored == 0 && near < 3'd4;")),
    *of("values", "slice_turn",
        # a slice that touches four chunks
        ("fourth_chunk_of_slice", "|reaches && turned_units[p%E]", "|reaches && turned_units[p%E] && p < 3 * W")),
]
