namespace DistTrain.Protocol;

/// <summary>Every bound of the protocol, with its reason.</summary>
public static class ProtocolLimits
{
    /// <summary>Raised with every change of a message; machines of different wire versions refuse each other.</summary>
    public const int WireVersion = 9;

    /// <summary>Floats of the largest block: 256 KiB fit a core's second-level cache, and a lane never waits long behind one.</summary>
    public const int BlockFloatsMax = 64 * 1024;

    /// <summary>Consecutive tensors share a block up to here: small enough that no gradient waits long for its neighbours.</summary>
    public const int SharedBlockFloatsMax = 16 * 1024;

    /// <summary>A tensor this small (a bias) joins the block before it whenever that has room: a message of its own costs more.</summary>
    public const int TinyTensorFloatsMax = 1024;

    /// <summary>V at most (docs/numerics.md, "Slices").</summary>
    public const int SlicesMax = 1024;

    /// <summary>Blocks of a run: 64 G floats of parameters, far above what CPUs train; bounds what a decoder allocates.</summary>
    public const int BlocksMax = 1 << 20;

    /// <summary>Machines of one role in a run; bounds what a decoder allocates.</summary>
    public const int MachinesMax = 4096;

    /// <summary>Named sums a range reports besides its weight sum (loss and metrics).</summary>
    public const int StatisticsMax = 4096;

    /// <summary>Entries of any other list in a message (periods, checkpoints, evaluation batches of one worker).</summary>
    public const int ListEntriesMax = 1 << 16;

    /// <summary>Audited ranges in a message: every slice of every step of the longest leash, and every block of a disputed range.</summary>
    public const int AuditsMax = 1 << 20;

    /// <summary>
    /// A leash that quick steps lengthen. It is moved by halves, and only then a worker that is too slow for ranges is measured again: with
    /// this as often as that is due.
    /// </summary>
    public const int QuickLeashStepsMax = 32;

    /// <summary>Bytes of a text in a message (hashes, reasons, receipts).</summary>
    public const int TextBytesMax = 4096;

    /// <summary>Floats of state an update rule keeps for each weight (Adam 2); bounds what a copied block may bring.</summary>
    public const int SlotsMax = 4;

    /// <summary>
    /// Attempts to store the last version; each waits twice as long as the one before, 31 report times in all: a disk that is full
    /// for a while should not cost the run's end.
    /// </summary>
    public const int StoreAttemptsMax = 6;

    /// <summary>Doublings of the wait after a checkpoint that could not be stored: up to 64 reports' times.</summary>
    public const int StoreWaitDoublingsMax = 6;

    /// <summary>
    /// Checkpoints that are being collected or written: each holds a version's weights and slots in memory. Two, so that one can be
    /// collected while the one before is written; a disk that is slower leaves some out.
    /// </summary>
    public const int CheckpointsOpenMax = 2;

    /// <summary>Valid checkpoints that a coordinator remembers, to go further back when the newest is damaged; stores keep fewer.</summary>
    public const int CheckpointsKnownMax = 16;

    /// <summary>Coordinators of a run, one after the other: what a run epoch's high bits hold.</summary>
    public const int TermsMax = 2047;

    /// <summary>Deadlines of repeated requests double so many times: 16 times the shortest is longer than any line that still works needs.</summary>
    public const int RetryDoublingsMax = 4;

    /// <summary>Lengths a pool keeps buffers of: a run has few, and who sends runs of every length must not fill the memory with them.</summary>
    public const int PooledLengthsMax = 512;

    /// <summary>Buffers of one length that a pool keeps for reuse; what is returned above it goes to the garbage collector.</summary>
    public const int PooledBuffersPerLengthMax = 4096;
}
