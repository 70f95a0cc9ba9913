using System.Diagnostics;
using System.Text;
using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

/// <summary>Files that were changed at random: every reader reads them or refuses them in one line, at once, and never fails in another way.</summary>
public sealed class ReaderFuzzTests : IDisposable
{
    private const int Mutations = 250;

    /// <summary>Far beyond what any file of these takes, on a machine that does other things as well.</summary>
    private static readonly TimeSpan Watchdog = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Readers => ["text", "words", "bytes", "lines", "table", "raw rows", "series", "png", "pnm", "cifar", "idx", "input"];

    [Theory]
    [MemberData(nameof(Readers))]
    public void Damaged_files_are_read_or_refused_in_one_line(string reader)
    {
        var random = new Random(17);
        byte[] sound = Sound(reader);
        Read(reader, sound);
        int refused = 0;
        for (int i = 0; i < Mutations; i++)
        {
            byte[] damaged = Mutate(sound, random);
            long start = Stopwatch.GetTimestamp(), before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Read(reader, damaged);
            }
            catch (UserError error)
            {
                refused++;
                Assert.DoesNotContain('\n', error.Message);
            }

            Assert.True(Stopwatch.GetElapsedTime(start) < Watchdog, $"mutation {i} took {Stopwatch.GetElapsedTime(start)}");
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 600L << 20, $"mutation {i} took {GC.GetAllocatedBytesForCurrentThread() - before} bytes");
        }

        Assert.True(refused > 0, "no mutation was refused");
    }

    private static byte[] Mutate(byte[] sound, Random random)
    {
        List<byte> bytes = [.. sound];
        for (int change = random.Next(1, 5); change > 0 && bytes.Count > 0; change--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at));
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 20), bytes.Count - at)));
                    break;
                default:
                    bytes.Insert(at, "\",\n\t\0-9eN"u8[random.Next(9)]);
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[] Sound(string reader) => reader switch
    {
        "text" or "words" or "bytes" => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("Über alle Gipfeln ist Ruh, in allen Wipfeln\n", 4))),
        "lines" => Encoding.UTF8.GetBytes("gut\tein schöner Tag\nschlecht\tein Tag\ngut\tschön\n"),
        "table" => Encoding.UTF8.GetBytes("a,b,\"c\"\n1,rot,3\n4,\"blau, \"\"hell\"\"\",6\n,rot,7\n8,rot,9\n"),
        "raw rows" => Encoding.UTF8.GetBytes("a,b,c\n1,x,no\n4,\"y\",yes\n,x,?\n"),
        "series" => Encoding.UTF8.GetBytes("day,value\n" + string.Join('\n', Enumerable.Range(0, 12).Select(i => $"{i},{i * 1.5}"))),
        "png" => PngBytes.Of(3, 3, 8, 3, [0, 1, 0, 2, 0, 0, 1, 0, 2, 0, 1, 0, 1, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9], interlaced: true),
        "pnm" => "P3 2 2 # four\n255\n1 2 3 4 5 6\n7 8 9 10 11 12\n"u8.ToArray(),
        "cifar" => [.. Enumerable.Range(0, 2 * 3073).Select(i => (byte)(i % 3073 == 0 ? 3 : i))],
        "idx" => [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8],
        _ => Encoding.UTF8.GetBytes(TableSetInput()),
    };

    private static string TableSetInput() => new TableInput(
        [new TableColumn { Name = "a", Kind = ColumnKind.Number, Fill = 1 }, new TableColumn { Name = "b", Kind = ColumnKind.Category, Categories = ["x", "y"], Fill = 0 }],
        ["a", "b", "c"],
        "c",
        ',',
        ["no", "yes"]).ToJson();

    private void Read(string reader, byte[] content)
    {
        string path = folder.Write("data_batch_1.bin", content);
        _ = reader switch
        {
            "text" => TextSet.Open(path, new TextOptions { Context = 8 }, new SplitOptions { ValidationFraction = 0.2 }).Train.Count,
            "words" => TextSet.Open(path, new TextOptions { Context = 4, Tokens = new TokenOptions { Kind = TokenKind.Words } }, new SplitOptions()).Train.Count,
            "bytes" => TextSet.Open(path, new TextOptions { Context = 4, Tokens = new TokenOptions { Kind = TokenKind.BytePairs, VocabularyMax = 270 } }, new SplitOptions()).Train.Count,
            "lines" => LineSet.Open(path, new LineOptions(), new SplitOptions()).Train.Count,
            "table" => TableSet.Open(path, new TableOptions(), new SplitOptions { ValidationFraction = 0.25 }).Train.Count,
            "raw rows" => InputFormat.FromJson(TableSetInput(), "input.json").ReadFile(path).Count,
            "series" => SeriesSet.Open(path, new SeriesOptions { Window = 3 }, new SplitOptions()).Train.Count,
            "png" or "pnm" => PictureFile.Read(path).Pixels.Length,
            "cifar" => CifarSet.Open(path).Train.Count,
            "idx" => IdxFile.Read(path, mayStayInFile: true).Count,
            _ => InputFormat.FromJson(Encoding.UTF8.GetString(content), "input.json").SampleShape.Length,
        };
    }
}
