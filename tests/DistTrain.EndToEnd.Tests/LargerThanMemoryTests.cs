using System.Diagnostics;
using System.Globalization;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>Files of 3 GB train in a process whose peak stays below 600 MB.</summary>
[Trait("Category", "Long")]
public sealed class LargerThanMemoryTests : IDisposable
{
    private const long FileBytes = 3L << 30;
    private const long PeakBytesMax = 600_000_000;

    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [SkippableFact]
    public void A_table_of_3_GB_trains_in_bounded_memory()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the peak is read from /proc");
        WriteTable(folder["table.csv"]);
        File.WriteAllText(folder["job.yaml"], """
            model: { layers: [ { Dense: { units: 32, activation: relu } }, { Dense: 1 } ] }
            data: { path: table.csv, validation: 0.01 }
            train: { batch: 256, steps: 100 }
            """);
        Assert.InRange(PeakOfTraining(), 1, PeakBytesMax);
    }

    [SkippableFact]
    public void An_idx_file_of_3_GB_trains_in_bounded_memory()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the peak is read from /proc");
        WritePictures();
        File.WriteAllText(folder["job.yaml"], $$"""
            model: { layers: [ Flatten, { Dense: { units: 32, activation: relu } }, { Dense: 10 } ] }
            data: { path: {{folder["set"]}}, validation: 0.01 }
            train: { batch: 256, steps: 100 }
            """);
        Assert.InRange(PeakOfTraining(), 1, PeakBytesMax);
    }

    /// <summary>VmHWM of a process that trains, read as long as it lives: it only rises.</summary>
    private long PeakOfTraining()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[] { "exec", Path.Combine(AppContext.BaseDirectory, "disttrain.dll"), "train", folder["job.yaml"], "--json", "--out", folder["run"] })
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        long peak = 0;
        do
        {
            peak = Math.Max(peak, Peak(process.Id));
        }
        while (!process.WaitForExit(50));
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error.Result);
        Assert.Contains("\"event\":\"done\"", output.Result, StringComparison.Ordinal);
        return peak;
    }

    private static long Peak(int process)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it has just ended
        }
    }

    /// <summary>20 features and a target a row; a block of 4096 rows again and again.</summary>
    private static void WriteTable(string path)
    {
        var random = new Random(1);
        var block = new StringWriter(CultureInfo.InvariantCulture);
        for (int row = 0; row < 4096; row++)
        {
            float sum = 0;
            for (int i = 0; i < 20; i++)
            {
                float value = random.NextSingle();
                sum += value;
                block.Write($"{value:F6},");
            }

            block.Write($"{sum:F6}\n");
        }

        byte[] bytes = System.Text.Encoding.ASCII.GetBytes(block.ToString());
        using FileStream file = File.Create(path);
        file.Write("f1,f2,f3,f4,f5,f6,f7,f8,f9,f10,f11,f12,f13,f14,f15,f16,f17,f18,f19,f20,sum\n"u8);
        while (file.Length < FileBytes)
        {
            file.Write(bytes);
        }
    }

    private void WritePictures()
    {
        const int Pixels = 28 * 28;
        int count = (int)(FileBytes / Pixels);
        Directory.CreateDirectory(folder["set"]);
        byte[] block = new byte[1024 * Pixels];
        new Random(2).NextBytes(block);
        using FileStream images = File.Create(folder["set", "train-images-idx3-ubyte"]), labels = File.Create(folder["set", "train-labels-idx1-ubyte"]);
        images.Write([0, 0, 8, 3, .. BigEndian(count), .. BigEndian(28), .. BigEndian(28)]);
        labels.Write([0, 0, 8, 1, .. BigEndian(count)]);
        for (int done = 0; done < count; done += 1024)
        {
            int items = Math.Min(1024, count - done);
            images.Write(block, 0, items * Pixels);
            labels.Write([.. Enumerable.Range(done, items).Select(i => (byte)(i % 10))]);
        }
    }

    private static byte[] BigEndian(int number) => [(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number];
}
