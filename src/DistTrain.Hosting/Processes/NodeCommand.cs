namespace DistTrain.Hosting;

/// <summary>How a process of a run is started: a program that calls <see cref="NodeProgram.RunAsync"/> on its standard input.</summary>
/// <param name="Program">Its file.</param>
/// <param name="Arguments">As given to it.</param>
public sealed record NodeCommand(string Program, IReadOnlyList<string> Arguments);
