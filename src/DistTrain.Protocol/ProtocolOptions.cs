namespace DistTrain.Protocol;

/// <summary>How a run is driven; none of it reaches the bits. Times are in ticks, whose length the host chooses.</summary>
public sealed record ProtocolOptions
{
    /// <summary>Servers the coordinator waits for before the first step, 1 or more.</summary>
    public int Servers { get; init; } = 1;

    /// <summary>Servers that have each block, 1 or 2: with 2 the loss of a server costs at most one step.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Workers the coordinator waits for before the first step, 1 or more; any number may join later.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>
    /// How many steps beyond the last committed one workers may go, 2 or more; where steps are quick, <see cref="LeashTicks"/> is more.
    /// Small: a stop request takes effect soon. Large: a slow coordinator is never felt, it is told of many steps at a time, and
    /// servers remember statistics of that many steps.
    /// </summary>
    public int LeashSteps { get; init; } = 8;

    /// <summary>
    /// Ticks of steps that workers may go at least, up to <see cref="ProtocolLimits.QuickLeashStepsMax"/> steps; 0 = <see cref="LeashSteps"/>
    /// whatever a step takes.
    /// </summary>
    public int LeashTicks { get; init; }

    /// <summary>
    /// Reports of a member on the way to the limit, 1 or more, the one at the limit included, besides those of <see cref="NewsTicks"/>.
    /// Many: the limit moves on long before it is reached. Few: less time of cores that compute, on both sides. With 2, half of what is
    /// allowed is reported at once, which is when the limit can be moved; with 1 quick steps reach it.
    /// </summary>
    public int ReportsPerLeash { get; init; } = 8;

    /// <summary>A checkpoint whenever the version is a multiple of this; 0 = only at the end.</summary>
    public long CheckpointEverySteps { get; init; }

    /// <summary>
    /// Ticks without an answer after which a request is sent again, 1 or more; large ones then after twice as long each time. Below
    /// a round trip it only costs duplicates.
    /// </summary>
    public int RetryTicks { get; init; } = 10;

    /// <summary>Ticks between two reports of a machine that has something new to report, 1 or more, besides what cannot wait.</summary>
    public int NewsTicks { get; init; } = 1;

    /// <summary>Ticks between two reports of a machine that has nothing new to report, 1 or more.</summary>
    public int ReportTicks { get; init; } = 20;

    /// <summary>Ticks without any report after which the coordinator takes a machine for lost; more than two reports' time.</summary>
    public int SilenceTicks { get; init; } = 500;

    /// <summary>Ticks for which a worker may hold up a step, though it reports, before its ranges go to others; 0 = for ever.</summary>
    public int ProgressTicks { get; init; }

    /// <summary>
    /// Ticks beyond twice its time after which an open step counts as late, and what is missing is computed by idle workers too;
    /// 0 = never. More than <see cref="NewsTicks"/>: a step may begin at the end of one tick and a report arrive at the end of another.
    /// </summary>
    public int LateTicks { get; init; } = 2;

    /// <summary>Share of the ranges that two workers compute, 0 to 1; their sums enter the weights when they are equal.</summary>
    public double AuditShare { get; init; }

    /// <summary>Which ranges those are is drawn from this.</summary>
    public ulong AuditSeed { get; init; }

    /// <summary>Checks every number.</summary>
    /// <exception cref="ArgumentException">Names the option, what was found and what is allowed.</exception>
    public ProtocolOptions Validated()
    {
        Require(Servers is >= 1 and <= ProtocolLimits.MachinesMax, nameof(Servers), Servers, $"1 to {ProtocolLimits.MachinesMax}");
        Require(Workers is >= 1 and <= ProtocolLimits.MachinesMax, nameof(Workers), Workers, $"1 to {ProtocolLimits.MachinesMax}");
        Require(Replicas is 1 or 2 && Replicas <= Servers, nameof(Replicas), Replicas, $"1, or 2 with 2 servers or more (there are {Servers})");
        Require(LeashSteps is >= 2 and <= 1024, nameof(LeashSteps), LeashSteps, "2 to 1024");
        Require(LeashTicks is >= 0 and <= 1024, nameof(LeashTicks), LeashTicks, "0 to 1024");
        Require(ReportsPerLeash is >= 1 and <= 1024, nameof(ReportsPerLeash), ReportsPerLeash, "1 to 1024");
        Require(CheckpointEverySteps >= 0, nameof(CheckpointEverySteps), CheckpointEverySteps, "0 or more");
        Require(RetryTicks >= 1, nameof(RetryTicks), RetryTicks, "1 or more");
        Require(NewsTicks >= 1, nameof(NewsTicks), NewsTicks, "1 or more");
        Require(ReportTicks >= 1, nameof(ReportTicks), ReportTicks, "1 or more");
        Require(SilenceTicks > 2 * ReportTicks, nameof(SilenceTicks), SilenceTicks, $"more than {2 * ReportTicks}, two reports' time");
        Require(ProgressTicks >= 0, nameof(ProgressTicks), ProgressTicks, "0 or more");
        Require(LateTicks == 0 || LateTicks > NewsTicks, nameof(LateTicks), LateTicks, $"0, or more than {NewsTicks}, the ticks between two reports");
        if (AuditShare is not (>= 0 and <= 1))
        {
            throw new ArgumentException($"{nameof(AuditShare)} is {AuditShare}; allowed: 0 to 1.");
        }

        return this;

        static void Require(bool condition, string option, long found, string allowed)
        {
            if (!condition)
            {
                throw new ArgumentException($"{option} is {found}; allowed: {allowed}.");
            }
        }
    }
}
