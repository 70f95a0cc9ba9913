namespace DistTrain.Hosting;

/// <summary>Times of the hosts.</summary>
internal static class HostClock
{
    /// <summary>One tick; deadlines of <see cref="Protocol.ProtocolOptions"/> count these.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    /// <summary>Ticks of steps that a run may go on without its coordinator: two fifths of a second, which a stop request may take too.</summary>
    public const int LeashTicks = 8;

    /// <summary>Ticks between two reports of a member to the coordinator, besides what cannot wait.</summary>
    public const int NewsTicks = 4;

    /// <summary>Ticks between two of the coordinator's reports of committed steps to the launcher: a display shows five of them a second.</summary>
    public const int TellTicks = 4;

    /// <summary>Ticks between two reports of a node about itself: a second.</summary>
    public const int MeasureTicks = 20;

    /// <summary>Ticks without a lane to the launcher after which a node gives up: half a minute, beyond what a network's hiccup takes.</summary>
    public const int LauncherLostTicks = 600;

    /// <summary>What a process gets to hand over the rest of its timeline.</summary>
    public static readonly TimeSpan FlushMax = TimeSpan.FromSeconds(1);

    /// <summary>What a process gets to end in order before it is ended.</summary>
    public static readonly TimeSpan EndMax = TimeSpan.FromSeconds(3);
}
