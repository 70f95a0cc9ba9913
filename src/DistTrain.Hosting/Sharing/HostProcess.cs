namespace DistTrain.Hosting;

/// <summary>A process of this host, told from a later one with the same number by when it began.</summary>
internal sealed class HostProcess
{
    private readonly int number;
    private readonly string began;

    private HostProcess(int number, string began) => (this.number, this.began) = (number, began);

    /// <summary>Whether it has ended; a process that nobody has waited for yet has.</summary>
    public bool HasEnded => Look(number) is not var (state, since) || state is "Z" or "X" || since != began;

    /// <summary>The process with that number now; null: there is none.</summary>
    public static HostProcess? Find(int number) => Look(number) is var (_, began) ? new HostProcess(number, began) : null;

    /// <summary>State and start time (proc_pid_stat(5), fields 3 and 22).</summary>
    private static (string State, string Began)? Look(int number)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{number}/stat");

            // Field 2 is the program's name in brackets, which may have spaces and brackets of its own.
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0], fields[19]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
