using System.Runtime.ExceptionServices;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>
/// Work on trees that recurses by their depth. A level of the syntax may become several levels of the bound tree, so deep statements are worked on
/// with a stack of their own, which a thread's usual one need not hold.
/// </summary>
internal static class DeepTrees
{
    private const int UsualLevels = 150;
    private const int StackBytes = 64 << 20;

    // A level takes at least two characters, so shorter texts need not be looked at.
    private const int UsualLength = 2 * UsualLevels;

    /// <param name="text">The text that the tree was read from.</param>
    public static T Run<T>(Node tree, string text, Func<T> work) =>
        text.Length <= UsualLength || !IsDeeper(tree, UsualLevels) ? work() : RunOnThread(work);

    private static bool IsDeeper(Node tree, int levels)
    {
        var pending = new Stack<(Node Node, int Level)>([(tree, 1)]);
        while (pending.TryPop(out var item))
        {
            if (item.Level > levels)
            {
                return true;
            }

            foreach (var part in SyntaxParts.OfAll(item.Node))
            {
                pending.Push((part, item.Level + 1));
            }
        }

        return false;
    }

    /// <summary>Goes on with a stack that is deep enough for any statement.</summary>
    public static T RunOnThread<T>(Func<T> work)
    {
        var result = default(T)!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    result = work();
                }
                catch (Exception exception)
                {
                    // Whatever it is, it is thrown again on the thread that waits.
                    failure = ExceptionDispatchInfo.Capture(exception);
                }
            },
            StackBytes) { IsBackground = true };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }
}
