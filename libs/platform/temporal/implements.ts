import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import type { AnyContract } from '@holdfast/platform/workflow-kit';

const CONTRACT = Symbol('workflow contract');

/** Marks a provider as the implementation of a contract's activities; the worker module finds it and registers its methods. */
export const Implements =
  (contract: AnyContract): ClassDecorator =>
  (target) => {
    Reflect.defineMetadata(CONTRACT, contract, target);
    Injectable()(target);
  };

export const contractOf = (target: object): AnyContract | undefined =>
  Reflect.getMetadata(CONTRACT, target) as AnyContract | undefined;
