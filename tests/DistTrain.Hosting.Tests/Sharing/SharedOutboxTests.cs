using System.Diagnostics;
using DistTrain.Protocol;

namespace DistTrain.Hosting.Tests;

public sealed class SharedOutboxTests
{
    private const int Floats = 1000;
    private readonly SharedArena arena = new();
    private readonly List<BlockBuffer> returned = [];

    [SharedMemoryFact]
    public void A_buffer_comes_back_when_the_receiver_has_released_its_last_reference()
    {
        (SharedOutbox outbox, SharedInbox inbox) = Connected();
        BlockBuffer sent = Rent(7);
        BlockBuffer taken = Take(inbox, Hand(outbox, sent));
        Assert.Equal([.. Enumerable.Repeat(7f, Floats)], taken.Span.ToArray());

        taken.Retain();
        taken.Release();
        outbox.TryEnd();
        Assert.Empty(returned);
        taken.Release();
        Assert.Empty(returned);
        outbox.TryEnd();
        Assert.Same(sent, Assert.Single(returned));
        Assert.Equal((4 * Floats, 4 * Floats), (outbox.BytesHanded, inbox.BytesTaken));
    }

    [SharedMemoryFact]
    public void Nothing_is_handed_over_before_the_receiver_has_mapped_the_ring_nor_after_the_end()
    {
        SharedOutbox outbox = arena.CreateOutbox()!;
        Assert.False(outbox.TryHand(Rent(1), out _));
        outbox.Accept(Environment.ProcessId);
        Assert.True(outbox.TryHand(Rent(1), out _));
        outbox.Retire();
        Assert.False(outbox.TryHand(Rent(1), out _));
    }

    [SharedMemoryFact]
    public void A_buffer_of_the_processs_own_memory_is_not_handed_over()
    {
        (SharedOutbox outbox, _) = Connected();
        Assert.False(outbox.TryHand(new BlockPool().Rent(Floats), out _));
    }

    [SharedMemoryFact]
    public void When_the_connection_ends_what_was_not_taken_comes_back_and_what_was_taken_waits_for_its_release()
    {
        (SharedOutbox outbox, SharedInbox inbox) = Connected();
        BlockBuffer unread = Rent(1), read = Rent(2);
        BlockBuffer taken = Take(inbox, Hand(outbox, read));
        Hand(outbox, unread);
        outbox.Retire();
        Assert.False(outbox.TryEnd());
        Assert.Empty(returned);

        inbox.Close();
        Assert.False(outbox.TryEnd());
        Assert.Same(unread, Assert.Single(returned));
        taken.Release();
        Assert.True(outbox.TryEnd());
        Assert.Equal([unread, read], returned);
    }

    [SharedMemoryFact]
    public void What_a_receiver_has_taken_comes_back_when_its_process_has_ended_and_not_while_it_is_stopped()
    {
        SharedOutbox outbox = arena.CreateOutbox()!;
        using Process process = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        outbox.Accept(process.Id);
        SharedInbox.TryOpen(outbox.Handle)!.Take(Hand(outbox, Rent(1)));
        outbox.Retire();
        using (Process stop = Process.Start("kill", $"-STOP {process.Id}"))
        {
            stop.WaitForExit();
        }

        outbox.TryEnd();
        Assert.Empty(returned);
        process.Kill();
        Assert.True(SpinWait.SpinUntil(outbox.TryEnd, LaneEnd.Patience));
        Assert.Single(returned);
    }

    [SharedMemoryFact]
    public void When_the_last_buffer_of_an_ended_connection_was_given_back_neither_side_keeps_anything_mapped_or_open()
    {
        (SharedOutbox outbox, SharedInbox inbox) = Connected();
        SharedPlace place = Hand(outbox, Rent(1));
        BlockBuffer taken = Take(inbox, place);
        (string arenaFile, string ringFile) = (Inode(place.Region), Inode(outbox.Handle));
        Assert.Equal((2, 2), (Maps(arenaFile), Maps(ringFile)));
        outbox.Retire();
        inbox.Close();
        Assert.False(outbox.TryEnd());
        Assert.Equal(2, Maps(arenaFile));
        taken.Release();
        Assert.Equal(1, Maps(arenaFile));
        Assert.True(outbox.TryEnd());
        Assert.Equal(0, Maps(ringFile));
    }

    [SharedMemoryFact]
    public void A_connection_that_has_ended_keeps_nothing_mapped_once_there_is_another()
    {
        (SharedOutbox outbox, SharedInbox inbox) = Connected();
        string ring = Inode(outbox.Handle);
        inbox.Close();
        outbox.Retire();
        Assert.Equal(1, Maps(ring));
        Connected();
        Assert.Equal(0, Maps(ring));
    }

    [SharedMemoryFact]
    public void In_no_order_of_events_a_buffer_comes_back_while_the_receiver_holds_it_and_in_the_end_all_do()
    {
        const int Seeds = 500, Events = 60;
        int ended = 0, unread = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            (SharedOutbox outbox, SharedInbox inbox) = Connected();
            returned.Clear();
            var onTheWay = new Queue<(SharedPlace Place, BlockBuffer Sent)>();
            var held = new List<(BlockBuffer Taken, BlockBuffer Sent)>();
            (int handed, bool retired, bool closed) = (0, false, false);
            for (int i = 0; i < Events; i++)
            {
                // The ends come in any order, and rarely, so that most of the time there is something to end.
                switch (random.Next(24))
                {
                    case < 8:
                        BlockBuffer sent = Rent(i);
                        if (outbox.TryHand(sent, out SharedPlace place))
                        {
                            onTheWay.Enqueue((place, sent));
                            handed++;
                        }

                        break;
                    case < 14 when onTheWay.Count > 0 && !closed:
                        (SharedPlace next, BlockBuffer origin) = onTheWay.Dequeue();
                        held.Add((Take(inbox, next), origin));
                        break;
                    case < 18 when held.Count > 0:
                        int which = random.Next(held.Count);
                        held[which].Taken.Release();
                        held.RemoveAt(which);
                        break;
                    case 18 when !closed:
                        inbox.Close();
                        closed = true;
                        break;
                    case 19:
                        outbox.Retire();
                        retired = true;
                        break;
                    default:
                        Assert.False(outbox.TryEnd() && held.Count > 0);
                        break;
                }

                Assert.DoesNotContain(held, pair => returned.Contains(pair.Sent));
                if (retired && closed && held.Count == 0)
                {
                    break;
                }
            }

            unread += closed ? onTheWay.Count : 0;
            held.ForEach(pair => pair.Taken.Release());
            if (!closed)
            {
                inbox.Close();
            }

            outbox.Retire();
            Assert.True(returned.Count == handed || outbox.TryEnd());
            Assert.Equal(handed, returned.Count);
            Assert.Equal(handed, returned.Distinct().Count());
            ended += retired && closed ? 1 : 0;
        }

        Assert.True(ended > Seeds / 10 && unread > Seeds / 10, $"{ended} ends in {Seeds}, {unread} buffers unread");
    }

    [SharedMemoryFact]
    public void A_full_ring_hands_over_again_when_something_was_given_back()
    {
        (SharedOutbox outbox, SharedInbox inbox) = Connected();
        BlockBuffer one = Rent(3);
        List<SharedPlace> places = [.. Enumerable.Range(0, SharedOutbox.Entries).Select(_ => Hand(outbox, one.Retain()))];
        Assert.False(outbox.TryHand(one, out _));
        Take(inbox, places[17]).Release();
        Assert.True(outbox.TryHand(one.Retain(), out SharedPlace place));
        Assert.Equal(places[17].Entry, place.Entry);
    }

    [SharedMemoryFact]
    public void Places_that_nobody_handed_over_or_outside_the_region_are_refused()
    {
        (SharedOutbox outbox, SharedInbox inbox) = Connected();
        SharedPlace good = Hand(outbox, Rent(1));
        long end = 16 << 20;
        SharedPlace[] bad =
        [
            good with { Entry = -1 },
            good with { Entry = SharedOutbox.Entries },
            good with { Entry = good.Entry + 1 },
            good with { Floats = 0 },
            good with { Floats = -1 },
            good with { Floats = int.MaxValue },
            good with { Offset = 0 },
            good with { Offset = -64 },
            good with { Offset = good.Offset + 1 },
            good with { Offset = end - (4 * Floats) + 4 },
            good with { Offset = long.MaxValue - 3 },
            good with { Offset = long.MinValue },
        ];
        Assert.All(bad, place => Assert.Throws<InvalidDataException>(() => inbox.Take(place)));
        inbox.Take(good);
        Assert.Throws<InvalidDataException>(() => inbox.Take(good));
    }

    [SharedMemoryFact]
    public void Floats_that_the_receiver_can_not_map_are_given_back_and_when_it_says_so_it_gets_no_more()
    {
        (SharedOutbox outbox, SharedInbox inbox) = Connected();
        SharedPlace place = Hand(outbox, Rent(1));
        Assert.Null(inbox.Take(place with { Region = place.Region with { Number = place.Region.Number + 1 } }));
        outbox.TryEnd();
        Assert.Single(returned);

        outbox.Accept(BitConverter.ToInt32(SharedLane.Withdrawal()));
        Assert.False(outbox.TryHand(Rent(1), out _));
    }

    [SharedMemoryFact]
    public void An_entry_that_a_sender_marks_anew_while_it_is_held_is_refused()
    {
        SharedRegion ring = SharedRegion.Create(SharedOutbox.RingBytes);
        var outbox = new SharedOutbox(ring);
        outbox.Accept(Environment.ProcessId);
        SharedInbox inbox = SharedInbox.TryOpen(outbox.Handle)!;
        SharedPlace place = Hand(outbox, Rent(1));
        BlockBuffer held = Take(inbox, place);
        SharedOutbox.Word(ring, place.Entry) = SharedOutbox.Handed;
        Assert.Throws<InvalidDataException>(() => inbox.Take(place));
        held.Release();
    }

    [SharedMemoryFact]
    public void A_ring_of_another_length_is_not_opened() =>
        Assert.Null(SharedInbox.TryOpen(SharedRegion.Create(SharedOutbox.RingBytes - 4).Handle));

    /// <summary>How often this process has a region mapped.</summary>
    private static int Maps(string inode) =>
        File.ReadLines("/proc/self/maps").Count(line => line.Contains(inode, StringComparison.Ordinal) && line.Contains("/memfd:", StringComparison.Ordinal));

    /// <summary>As the list of what is mapped has it (proc_pid_maps(5), field 5, and the name behind).</summary>
    private static string Inode(SharedHandle handle)
    {
        const string Field = "ino:\t";
        string line = File.ReadLines($"/proc/self/fdinfo/{handle.Descriptor}").First(line => line.StartsWith(Field, StringComparison.Ordinal));
        return $" {line[Field.Length..]} ";
    }

    private (SharedOutbox, SharedInbox) Connected()
    {
        SharedOutbox outbox = arena.CreateOutbox()!;
        SharedInbox inbox = SharedInbox.TryOpen(outbox.Handle)!;
        outbox.Accept(Environment.ProcessId);
        return (outbox, inbox);
    }

    private BlockBuffer Rent(float value)
    {
        var buffer = new BlockBuffer(arena.Allocate(Floats), returned.Add);
        buffer.Span.Fill(value);
        return buffer;
    }

    private static BlockBuffer Take(SharedInbox inbox, SharedPlace place) => Assert.IsType<BlockBuffer>(inbox.Take(place));

    private static SharedPlace Hand(SharedOutbox outbox, BlockBuffer buffer)
    {
        Assert.True(outbox.TryHand(buffer, out SharedPlace place));
        return place;
    }
}
