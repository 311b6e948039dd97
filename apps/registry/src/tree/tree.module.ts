import { Module } from '@nestjs/common';
import { TreeMetrics } from './tree.metrics.js';

/** The metrics of the resource tree. What changes the tree opens a `TreeTransaction`. */
@Module({ providers: [TreeMetrics] })
export class TreeModule {}
