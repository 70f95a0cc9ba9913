namespace DistTrain.Cli;

/// <summary>What the process ends with; scripts rely on these numbers.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>A defect of ours: a stack trace is printed and should be reported.</summary>
    public const int Defect = 1;

    /// <summary>A person's mistake, or a file or folder that can't be used: one line says which.</summary>
    public const int BadInput = 2;

    /// <summary>Training went wrong in its numbers.</summary>
    public const int TrainingFailed = 3;

    /// <summary>The processes of a run, or the way to them, can't be kept up.</summary>
    public const int Connection = 4;

    /// <summary>128 + SIGINT, as shells expect.</summary>
    public const int Interrupted = 130;

    /// <summary>128 + SIGTERM.</summary>
    public const int Terminated = 143;
}
